/** Bytes of a cache block, as the device tree tells and the cache-block instructions work on (cmobase 1.0 §2.7). */
export const CACHE_BLOCK = 64;
