/** A file that is no image to boot. The message says what is wrong and what to do. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
