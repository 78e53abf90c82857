import { belongingTo, define } from './instruction';
import type { CsrOperation, Emitter } from './semantics';

/** Control and status register instructions (unpriv §6). */

const fromRegister = (operation: CsrOperation) => (m: Emitter) => m.writeRd(m.csr(operation, m.rs1));
const fromImmediate = (operation: CsrOperation) => (m: Emitter) => m.writeRd(m.csr(operation, m.zimm));

const CYCLE = 0xc00;
const INSTRET = 0xc02;

export const zicsr = belongingTo('zicsr', [
  define('csrrw rd,csr,rs1', 'csr rs1 001 rd 1110011', fromRegister('write'), {
    aliases: {
      'unimp ': { rd: 0, csr: CYCLE, rs1: 0 },
      'csrw csr,rs1': { rd: 0 },
    },
  }),
  define('csrrs rd,csr,rs1', 'csr rs1 010 rd 1110011', fromRegister('set'), {
    aliases: {
      'rdcycle rd': { csr: CYCLE, rs1: 0 },
      'rdinstret rd': { csr: INSTRET, rs1: 0 },
      'csrr rd,csr': { rs1: 0 },
      'csrs csr,rs1': { rd: 0 },
    },
  }),
  define('csrrc rd,csr,rs1', 'csr rs1 011 rd 1110011', fromRegister('clear'), {
    aliases: { 'csrc csr,rs1': { rd: 0 } },
  }),
  define('csrrwi rd,csr,zimm', 'csr zimm 101 rd 1110011', fromImmediate('write'), {
    aliases: {
      'csrwi csr,zimm': { rd: 0 },
    },
  }),
  define('csrrsi rd,csr,zimm', 'csr zimm 110 rd 1110011', fromImmediate('set'), {
    aliases: { 'csrsi csr,zimm': { rd: 0 } },
  }),
  define('csrrci rd,csr,zimm', 'csr zimm 111 rd 1110011', fromImmediate('clear'), {
    aliases: { 'csrci csr,zimm': { rd: 0 } },
  }),
]);
