/**
 * Extensions of the instruction set by their standard names (unpriv, "ISA Extension Naming Conventions"). One set of them describes a
 * machine: what decodes, which CSRs there are, and what `misa` and the device tree say.
 *
 * To add an extension to the machine, move its name from `absent` to `implemented`.
 */

/** What the machine implements, with what each needs beside it. */
const implemented = {
  i: [],
  m: [],
  a: [],
  f: ['zicsr'],
  d: ['f'],
  c: [],
  zba: [],
  zbb: [],
  zbc: [],
  zbs: [],
  zicbom: [],
  zicbop: [],
  zicboz: [],
  zicntr: ['zicsr'],
  zicond: [],
  zicsr: [],
  zifencei: [],
  zihintpause: [],
  zihpm: ['zicsr'],
  sstc: [],
  sv39: [],
  sv48: ['sv39'],
  sv57: ['sv48'],
  svadu: [],
  svinval: [],
  svnapot: ['sv39'],
  svpbmt: ['sv39'],
} as const;

export type Extension = keyof typeof implemented;
export type ExtensionSet = ReadonlySet<Extension>;

const requirements: Readonly<Record<Extension, readonly Extension[]>> = implemented;

/** The set of a machine that is told nothing else. */
export const implementedExtensions: ExtensionSet = new Set(Object.keys(implemented) as Extension[]);

/**
 * What `i` stands for in an ISA string: the parts that left the base after its version 2.0, which strings for kernels leave out
 * (Linux's `riscv,isa` binding reads them the same way), and the page tables that every machine with S-mode has here.
 */
const broughtByBase: readonly Extension[] = ['zicntr', 'zicsr', 'zifencei', 'zihpm', 'sv39'];
const shorthands: Readonly<Record<string, readonly Extension[]>> = {
  g: ['i', 'm', 'a', 'f', 'd', 'zicsr', 'zifencei'],
  b: ['zba', 'zbb', 'zbs'],
};

/** Ratified names that the machine lacks, to tell them from typing errors. */
const absent = new Set(
  `e h q v zaamo zabha zacas zalrsc zama16b zawrs zca zcb zcd zcf zcmop zcmp zcmt zdinx zfa zfbfmin zfh zfhmin zfinx zhinx
  zhinxmin zic64b ziccamoa ziccif zicclsm ziccrse zicfilp zicfiss zihintntl zimop zk zkn zknd zkne zknh zkr zks zksed
  zksh zkt zbkb zbkc zbkx zmmul ztso zvbb zvbc zve32f zve32x zve64d zve64f zve64x zvfbfmin zvfbfwma zvfh zvfhmin zvkb zvkg zvkn
  zvknc zvkned zvkng zvknha zvknhb zvks zvksc zvksed zvksg zvksh zvkt smaia smcdeleg smcntrpmf smcsrind smdbltrp smepmp smmpm
  smnpm smrnmi smstateen ssaia ssccptr sscofpmf sscounterenw sscsrind ssdbltrp ssnpm sspm ssstateen ssstrict sstvala sstvecd
  ssu64xl svade svbare svvptc`.split(/\s+/),
);

/** The set that a string names, or what is wrong with the string: one sentence. */
type IsaResult = { readonly extensions: ExtensionSet } | { readonly problem: string };

/**
 * Reads an ISA string such as `rv64imac_zba_zicsr` or `rv64gc`, in upper or lower case, in any order, with or without version
 * numbers (`i2p1`).
 */
export function parseIsa(text: string): IsaResult {
  const wrong = (what: string) => ({ problem: `The ISA string "${text}" ${what}` });
  const [, body] = /^rv64([a-z][a-z\d_]*)$/i.exec(text) ?? [];
  if (body === undefined) return wrong('is none; write one such as rv64imac or rv64gc_zba_zbb.');
  const extensions = new Set<Extension>();
  for (const name of splitNames(body.toLowerCase())) {
    const members = shorthands[name] ?? [name as Extension];
    for (const member of members) {
      if (!Object.hasOwn(requirements, member)) {
        return wrong(
          absent.has(name)
            ? `asks for ${name}, which ${lacking()}`
            : `has ${name}, which is no extension's name.`,
        );
      }
      extensions.add(member);
    }
  }
  if (!extensions.has('i')) return wrong('lacks the base i; begin with rv64i or rv64g.');
  for (const extension of broughtByBase) extensions.add(extension);
  for (const extension of extensions) {
    const missing = requirements[extension].find((required) => !extensions.has(required));
    if (missing !== undefined) return wrong(`has ${extension} without ${missing}, which that needs; add it.`);
  }
  return { extensions };
}

const lacking = (): string =>
  `this machine does not have; it can be ${isaString(implementedExtensions)} or less.`;

/** Names in a lower-case string after `rv64`: single letters, then longer ones that begin with s, x or z. */
function splitNames(body: string): string[] {
  return body.split('_').flatMap((part) => {
    const [, letters = '', long = ''] = /^((?:[a-rt-wy](?:\d+p\d+)?)*)(.*)$/.exec(part) ?? [];
    const names = letters.replace(/\d+p\d+/g, '').split('');
    return long === '' ? names : [...names, withoutVersion(long)];
  });
}

const withoutVersion = (name: string): string =>
  Object.hasOwn(requirements, name) ? name : name.replace(/\d+p\d+$/, '');

/** Single letters in the order in which strings list them; the second letter of a `z` name sorts by it too. */
const LETTERS = 'imafdqlcbkjtpvh';

/** The names of a set in canonical order: single letters, `z` names by the letter that they are close to, `s` names. */
export function extensionNames(extensions: ExtensionSet): Extension[] {
  const rank = (name: string): string => {
    const letter = (at: number) => String(LETTERS.indexOf(name[at]!) + 1).padStart(2, '0');
    if (name.length === 1) return `0${letter(0)}`;
    return name.startsWith('z') ? `1${letter(1)}${name}` : `2${name}`;
  };
  return [...extensions].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** The set as an ISA string in canonical order. */
export function isaString(extensions: ExtensionSet): string {
  const names = extensionNames(extensions);
  const letters = names.filter((name) => name.length === 1);
  return [`rv64${letters.join('')}`, ...names.filter((name) => name.length > 1)].join('_');
}

/** Value of `misa` (priv 1.13 §3.1.1): the width, and a bit for each letter; S and U are always there, B is three extensions. */
export function misaOf(extensions: ExtensionSet): bigint {
  const letters: string[] = [...extensions].filter((name) => name.length === 1);
  letters.push('s', 'u');
  if (shorthands['b']!.every((part) => extensions.has(part))) letters.push('b');
  return letters.reduce((bits, letter) => bits | (1n << BigInt(letter.charCodeAt(0) - 97)), 2n << 62n);
}
