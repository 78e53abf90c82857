/** Types as gdb's `ptype /o` prints them: members with their offsets and sizes, and the holes between them. */
import type { CAggregate, CEnumeration, CType } from '../../symbols/c-types';
import { isAggregate, plain, sizeOf, type PlainType } from '../../symbols/expression/types';
import { declarationText, typeText } from '../../symbols/expression/type-text';

/** A structure of a kernel has some hundreds; lines beyond are said to be left out. */
const mostLines = 1000;
const mostNested = 8;

/** In full, of a structure, union or enumeration; what a name stands for; any other type in one line. */
export function describeType(type: CType): string {
  const pointers: string[] = [];
  let inner = plain(type);
  while (inner.kind === 'pointer' && pointers.length < mostNested) {
    pointers.push('*');
    inner = plain(inner.target);
  }
  const isStructure = isAggregate(inner) || inner.kind === 'enum';
  return pointers.length > 0 && isStructure
    ? `${describePlain(inner, inner)} ${pointers.join('')}`
    : describePlain(type, plain(type));
}

function describePlain(type: CType, inner: PlainType): string {
  const lines: string[] = [];
  if (isAggregate(inner)) {
    lines.push('/* offset    size */');
    aggregate(inner, 0, '', '', 0, lines);
  } else if (inner.kind === 'enum') enumeration(inner, lines);
  else return `${typeText(named(type))}${sizeText(type)}`;
  const left = lines.length - mostLines;
  return (left > 0 ? [...lines.slice(0, mostLines), `… ${left} more lines`] : lines).join('\n');
}

/** A typedef is unfolded by one name, as one asks what it stands for. */
function named(type: CType): CType {
  return type.kind === 'typedef' ? type.type : type;
}

function sizeText(type: CType): string {
  const size = sizeOf(type);
  return size === undefined ? '' : `  /* ${size} bytes */`;
}

function aggregate(
  type: CAggregate,
  base: number,
  name: string,
  indent: string,
  depth: number,
  lines: string[],
): void {
  const margin = ' '.repeat(20);
  const title = type.name === undefined ? type.kind : `${type.kind} ${type.name}`;
  lines.push(`${depth === 0 ? margin : column(base, type.size)} ${indent}${title} {`);
  if (!type.complete) lines.push(`${margin} ${indent}  /* its members are not in the debug information */`);
  let end = 0;
  for (const member of type.members) {
    if (lines.length > 2 * mostLines) break;
    const { offset, bits, type: memberType } = member;
    const size = sizeOf(memberType) ?? 0;
    if (type.kind === 'struct' && !bits && offset > end && end > 0)
      lines.push(`${margin} ${indent}  /* ${offset - end} bytes unused */`);
    end = Math.max(end, offset + size);
    const inner = plain(memberType);
    const isOwn = isAggregate(inner) && inner.name === undefined && memberType.kind === inner.kind;
    if (isOwn && depth < mostNested) {
      aggregate(inner, base + offset, member.name ?? '', `${indent}  `, depth + 1, lines);
      continue;
    }
    const declaration = declarationText(memberType, member.name ?? '');
    const width = bits ? ` : ${bits.width}` : '';
    const place = bits ? bitColumn(base + offset, bits.shift, bits.width) : column(base + offset, size);
    lines.push(`${place} ${indent}  ${declaration}${width};`);
  }
  const total = depth === 0 ? `  /* ${type.size} bytes */` : '';
  lines.push(`${margin} ${indent}}${name === '' ? '' : ` ${name}`}${depth === 0 ? total : ';'}`);
}

function column(offset: number, size: number): string {
  return `/* ${offset.toString().padStart(6)} ${size.toString().padStart(7)} */`;
}

function bitColumn(offset: number, shift: number, width: number): string {
  const place = `${offset + Math.floor(shift / 8)}:${shift % 8}`;
  return `/* ${place.padStart(6)} ${`${width} bit`.padStart(7)} */`;
}

function enumeration(type: CEnumeration, lines: string[]): void {
  lines.push(`${type.name === undefined ? 'enum' : `enum ${type.name}`} {`);
  for (const { name, value } of type.enumerators) lines.push(`  ${name} = ${value},`);
  lines.push(`}  /* ${type.size} bytes */`);
}
