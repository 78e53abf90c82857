import type { I32, I64, Statement } from '../wasm/expression';
import { i32, i64, nothing } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { AccessSize, Emitter, LoadKind } from './semantics';

/** RV32I and RV64I base integer instructions (unpriv §2 and §4). */

type Operation = (a: I64, b: I64) => I64;
type Comparison = (a: I64, b: I64) => I32;

const flag =
  (compare: Comparison): Operation =>
  (a, b) =>
    i64.zeroExtend32(compare(a, b));

/** An operation on the low 32 bits whose result is sign-extended. */
const word =
  (operation: Operation): Operation =>
  (a, b) =>
    signExtendWord(operation(a, b));

const signExtendWord = (a: I64): I64 => i64.signExtend32(i32.wrap(a));
const zeroExtendWord = (a: I64): I64 => i64.zeroExtend32(i32.wrap(a));
const shiftAmount = (a: I64): I64 => i64.and(a, i64.constant(31));

const sllw = word((a, b) => i64.shl(a, shiftAmount(b)));
const srlw = word((a, b) => i64.shrU(zeroExtendWord(a), shiftAmount(b)));
const sraw = word((a, b) => i64.shrS(signExtendWord(a), shiftAmount(b)));

const register = (operation: Operation) => (m: Emitter) => m.writeRd(operation(m.rs1, m.rs2));
const immediate = (operation: Operation) => (m: Emitter) => m.writeRd(operation(m.rs1, m.imm));
const branchIf = (compare: Comparison) => (m: Emitter) => m.branch(compare(m.rs1, m.rs2));
const load = (kind: LoadKind) => (m: Emitter) => m.writeRd(m.load(kind, i64.add(m.rs1, m.imm)));
const store = (size: AccessSize) => (m: Emitter) => m.store(size, i64.add(m.rs1, m.imm), m.rs2);
const noOperation = (): Statement => nothing;

const link = (m: Emitter): Statement => m.writeRd(m.nextPc);
/** The target is `rs1 + imm` with bit 0 cleared (unpriv §2.5.1). */
const jumpAndLinkRegister = (m: Emitter): Statement =>
  m.jump(i64.and(i64.add(m.rs1, m.imm), i64.constant(-2)), link(m));

const branch = { flow: 'branch' } as const;

export const rv64i = belongingTo('i', [
  define('lui rd,upper', 'imm[31:12] rd 0110111', (m) => m.writeRd(m.imm)),
  define('auipc rd,upper', 'imm[31:12] rd 0010111', (m) => m.writeRd(i64.add(m.pc, m.imm))),
  define('jal rd,target', 'imm[20|10:1|11|19:12] rd 1101111', (m) => m.jumpRelative(link(m)), {
    flow: 'link',
    aliases: { 'j target': { rd: 0 }, 'jal target': { rd: 1 } },
  }),
  define('jalr rd,imm(rs1)', 'imm[11:0] rs1 000 rd 1100111', jumpAndLinkRegister, {
    flow: 'link',
    aliases: {
      'ret ': { rd: 0, rs1: 1, imm: 0 },
      'jr rs1': { rd: 0, imm: 0 },
      'jr imm(rs1)': { rd: 0 },
      'jalr rs1': { rd: 1, imm: 0 },
      'jalr imm(rs1)': { rd: 1 },
      'jalr rd,rs1': { imm: 0 },
    },
  }),

  define('beq rs1,rs2,target', 'imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011', branchIf(i64.eq), {
    ...branch,
    aliases: { 'beqz rs1,target': { rs2: 0 } },
  }),
  define('bne rs1,rs2,target', 'imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011', branchIf(i64.ne), {
    ...branch,
    aliases: { 'bnez rs1,target': { rs2: 0 } },
  }),
  define('blt rs1,rs2,target', 'imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011', branchIf(i64.ltS), {
    ...branch,
    aliases: { 'bltz rs1,target': { rs2: 0 }, 'bgtz rs2,target': { rs1: 0 } },
  }),
  define('bge rs1,rs2,target', 'imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011', branchIf(i64.geS), {
    ...branch,
    aliases: { 'blez rs2,target': { rs1: 0 }, 'bgez rs1,target': { rs2: 0 } },
  }),
  define('bltu rs1,rs2,target', 'imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011', branchIf(i64.ltU), branch),
  define('bgeu rs1,rs2,target', 'imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011', branchIf(i64.geU), branch),

  define('lb rd,imm(rs1)', 'imm[11:0] rs1 000 rd 0000011', load('i8')),
  define('lh rd,imm(rs1)', 'imm[11:0] rs1 001 rd 0000011', load('i16')),
  define('lw rd,imm(rs1)', 'imm[11:0] rs1 010 rd 0000011', load('i32')),
  define('ld rd,imm(rs1)', 'imm[11:0] rs1 011 rd 0000011', load('i64')),
  define('lbu rd,imm(rs1)', 'imm[11:0] rs1 100 rd 0000011', load('u8')),
  define('lhu rd,imm(rs1)', 'imm[11:0] rs1 101 rd 0000011', load('u16')),
  define('lwu rd,imm(rs1)', 'imm[11:0] rs1 110 rd 0000011', load('u32')),
  define('sb rs2,imm(rs1)', 'imm[11:5] rs2 rs1 000 imm[4:0] 0100011', store(1)),
  define('sh rs2,imm(rs1)', 'imm[11:5] rs2 rs1 001 imm[4:0] 0100011', store(2)),
  define('sw rs2,imm(rs1)', 'imm[11:5] rs2 rs1 010 imm[4:0] 0100011', store(4)),
  define('sd rs2,imm(rs1)', 'imm[11:5] rs2 rs1 011 imm[4:0] 0100011', store(8)),

  define('addi rd,rs1,imm', 'imm[11:0] rs1 000 rd 0010011', immediate(i64.add), {
    aliases: { 'nop ': { rd: 0, rs1: 0, imm: 0 }, 'li rd,imm': { rs1: 0 }, 'mv rd,rs1': { imm: 0 } },
  }),
  define('slti rd,rs1,imm', 'imm[11:0] rs1 010 rd 0010011', immediate(flag(i64.ltS))),
  define('sltiu rd,rs1,imm', 'imm[11:0] rs1 011 rd 0010011', immediate(flag(i64.ltU)), {
    aliases: { 'seqz rd,rs1': { imm: 1 } },
  }),
  define('xori rd,rs1,imm', 'imm[11:0] rs1 100 rd 0010011', immediate(i64.xor), {
    aliases: { 'not rd,rs1': { imm: -1 } },
  }),
  define('ori rd,rs1,imm', 'imm[11:0] rs1 110 rd 0010011', immediate(i64.or)),
  define('andi rd,rs1,imm', 'imm[11:0] rs1 111 rd 0010011', immediate(i64.and), {
    aliases: { 'zext.b rd,rs1': { imm: 255 } },
  }),
  define('slli rd,rs1,hex', '000000 uimm[5:0] rs1 001 rd 0010011', immediate(i64.shl)),
  define('srli rd,rs1,hex', '000000 uimm[5:0] rs1 101 rd 0010011', immediate(i64.shrU)),
  define('srai rd,rs1,hex', '010000 uimm[5:0] rs1 101 rd 0010011', immediate(i64.shrS)),

  define('add rd,rs1,rs2', '0000000 rs2 rs1 000 rd 0110011', register(i64.add)),
  define('sub rd,rs1,rs2', '0100000 rs2 rs1 000 rd 0110011', register(i64.sub), {
    aliases: { 'neg rd,rs2': { rs1: 0 } },
  }),
  define('sll rd,rs1,rs2', '0000000 rs2 rs1 001 rd 0110011', register(i64.shl)),
  define('slt rd,rs1,rs2', '0000000 rs2 rs1 010 rd 0110011', register(flag(i64.ltS)), {
    aliases: { 'sltz rd,rs1': { rs2: 0 }, 'sgtz rd,rs2': { rs1: 0 } },
  }),
  define('sltu rd,rs1,rs2', '0000000 rs2 rs1 011 rd 0110011', register(flag(i64.ltU)), {
    aliases: { 'snez rd,rs2': { rs1: 0 } },
  }),
  define('xor rd,rs1,rs2', '0000000 rs2 rs1 100 rd 0110011', register(i64.xor)),
  define('srl rd,rs1,rs2', '0000000 rs2 rs1 101 rd 0110011', register(i64.shrU)),
  define('sra rd,rs1,rs2', '0100000 rs2 rs1 101 rd 0110011', register(i64.shrS)),
  define('or rd,rs1,rs2', '0000000 rs2 rs1 110 rd 0110011', register(i64.or)),
  define('and rd,rs1,rs2', '0000000 rs2 rs1 111 rd 0110011', register(i64.and)),

  define('addiw rd,rs1,imm', 'imm[11:0] rs1 000 rd 0011011', immediate(word(i64.add)), {
    aliases: { 'sext.w rd,rs1': { imm: 0 } },
  }),
  define('slliw rd,rs1,hex', '0000000 uimm[4:0] rs1 001 rd 0011011', immediate(sllw)),
  define('srliw rd,rs1,hex', '0000000 uimm[4:0] rs1 101 rd 0011011', immediate(srlw)),
  define('sraiw rd,rs1,hex', '0100000 uimm[4:0] rs1 101 rd 0011011', immediate(sraw)),
  define('addw rd,rs1,rs2', '0000000 rs2 rs1 000 rd 0111011', register(word(i64.add))),
  define('subw rd,rs1,rs2', '0100000 rs2 rs1 000 rd 0111011', register(word(i64.sub)), {
    aliases: { 'negw rd,rs2': { rs1: 0 } },
  }),
  define('sllw rd,rs1,rs2', '0000000 rs2 rs1 001 rd 0111011', register(sllw)),
  define('srlw rd,rs1,rs2', '0000000 rs2 rs1 101 rd 0111011', register(srlw)),
  define('sraw rd,rs1,rs2', '0100000 rs2 rs1 101 rd 0111011', register(sraw)),

  // Harts take turns and devices act at once, so every memory access is in order already. Reserved fields are ignored.
  define('fence pred,succ', 'hint[13:10] pred succ hint[9:5] 000 hint[4:0] 0001111', noOperation, {
    aliases: { 'fence ': { pred: 15, succ: 15 } },
  }),
  define('ecall', '000000000000 00000 000 00000 1110011', (m) => m.perform('ecall'), { flow: 'trap' }),
  define('ebreak', '000000000001 00000 000 00000 1110011', (m) => m.perform('ebreak'), { flow: 'trap' }),
]);
