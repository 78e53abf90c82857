import { belongingTo, compressed } from './instruction';

/**
 * Compressed instructions of RV64 (unpriv §27). Encodings that are reserved, or belong to an
 * extension which this machine lacks, are absent and so illegal. Hints expand to instructions that write x0 or change nothing.
 */
export const c = belongingTo('c', [
  compressed('c.addi4spn', "000 nzuimm[5:4|9:6|2|3] rd' 00", 'addi rd,sp,imm'),
  compressed('c.fld', "001 uimm[5:3] rs1' uimm[7:6] frd' 00", 'fld frd,imm(rs1)'),
  compressed('c.lw', "010 uimm[5:3] rs1' uimm[2|6] rd' 00", 'lw rd,imm(rs1)'),
  compressed('c.ld', "011 uimm[5:3] rs1' uimm[7:6] rd' 00", 'ld rd,imm(rs1)'),
  compressed('c.fsd', "101 uimm[5:3] rs1' uimm[7:6] frs2' 00", 'fsd frs2,imm(rs1)'),
  compressed('c.sw', "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", 'sw rs2,imm(rs1)'),
  compressed('c.sd', "111 uimm[5:3] rs1' uimm[7:6] rs2' 00", 'sd rs2,imm(rs1)'),

  compressed('c.addi', '000 imm[5] rd imm[4:0] 01', 'addi rd,rd,imm'),
  compressed('c.addiw', '001 imm[5] rd!=0 imm[4:0] 01', 'addiw rd,rd,imm'),
  compressed('c.li', '010 imm[5] rd imm[4:0] 01', 'addi rd,zero,imm'),
  compressed('c.addi16sp', '011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01', 'addi sp,sp,imm'),
  compressed('c.lui', '011 nzimm[17] rd!=2 nzimm[16:12] 01', 'lui rd,imm'),
  compressed('c.srli', "100 uimm[5] 00 rd' uimm[4:0] 01", 'srli rd,rd,imm'),
  compressed('c.srai', "100 uimm[5] 01 rd' uimm[4:0] 01", 'srai rd,rd,imm'),
  compressed('c.andi', "100 imm[5] 10 rd' imm[4:0] 01", 'andi rd,rd,imm'),
  compressed('c.sub', "100 0 11 rd' 00 rs2' 01", 'sub rd,rd,rs2'),
  compressed('c.xor', "100 0 11 rd' 01 rs2' 01", 'xor rd,rd,rs2'),
  compressed('c.or', "100 0 11 rd' 10 rs2' 01", 'or rd,rd,rs2'),
  compressed('c.and', "100 0 11 rd' 11 rs2' 01", 'and rd,rd,rs2'),
  compressed('c.subw', "100 1 11 rd' 00 rs2' 01", 'subw rd,rd,rs2'),
  compressed('c.addw', "100 1 11 rd' 01 rs2' 01", 'addw rd,rd,rs2'),
  compressed('c.j', '101 imm[11|4|9:8|10|6|7|3:1|5] 01', 'jal zero,imm'),
  compressed('c.beqz', "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'beq rs1,zero,imm'),
  compressed('c.bnez', "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'bne rs1,zero,imm'),

  compressed('c.slli', '000 uimm[5] rd uimm[4:0] 10', 'slli rd,rd,imm'),
  compressed('c.fldsp', '001 uimm[5] frd uimm[4:3|8:6] 10', 'fld frd,imm(sp)'),
  compressed('c.lwsp', '010 uimm[5] rd!=0 uimm[4:2|7:6] 10', 'lw rd,imm(sp)'),
  compressed('c.ldsp', '011 uimm[5] rd!=0 uimm[4:3|8:6] 10', 'ld rd,imm(sp)'),
  compressed('c.jr', '100 0 rs1!=0 00000 10', 'jalr zero,0(rs1)'),
  // The manual expands it to `add rd,zero,rs2`, which does the same but is not printed as `mv`.
  compressed('c.mv', '100 0 rd rs2!=0 10', 'addi rd,rs2,0'),
  compressed('c.ebreak', '100 1 00000 00000 10', 'ebreak'),
  compressed('c.jalr', '100 1 rs1!=0 00000 10', 'jalr ra,0(rs1)'),
  compressed('c.add', '100 1 rd rs2!=0 10', 'add rd,rd,rs2'),
  compressed('c.fsdsp', '101 uimm[5:3|8:6] frs2 10', 'fsd frs2,imm(sp)'),
  compressed('c.swsp', '110 uimm[5:2|7:6] rs2 10', 'sw rs2,imm(sp)'),
  compressed('c.sdsp', '111 uimm[5:3|8:6] rs2 10', 'sd rs2,imm(sp)'),
]);
