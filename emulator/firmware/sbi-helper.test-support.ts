import { call, Eid, load, observe, SCRATCH, store, until, type Step } from './sbi-steps.test-support';

/**
 * The other harts of a program for two firmwares: a helper is started with the address of a mailbox as opaque value, tells there what it
 * began with and sees, and does what it finds there.
 */

/** Offsets in the mailbox of a helper: what it began with, what it sees, and what it is to do. */
export const Mail = {
  a0: 0,
  a1: 8,
  satp: 16,
  sie: 24,
  arrived: 32,
  sip: 40,
  command: 48,
  answer: 56,
} as const;
/**
 * `clear` clears the software interrupt. `resume` is a suspend without registers kept: the helper begins afresh, with the mailbox of the
 * next hart. `alarm` is the same with a timer that ends it.
 */
export const Command = { clear: 1, stop: 2, suspend: 3, resume: 4, alarm: 5 } as const;
export const mailbox = (hart: number): bigint => SCRATCH + BigInt(hart) * 64n;

/** Its code, at the label `helper`. */
export const helper = `
  helper:
  la t0,handler
  csrw stvec,t0
  sd a0,${Mail.a0}(a1)
  sd a1,${Mail.a1}(a1)
  csrr t0,satp
  sd t0,${Mail.satp}(a1)
  csrr t0,sstatus
  andi t0,t0,2
  sd t0,${Mail.sie}(a1)
  csrw sie,zero
  mv s1,a1
  csrr t0,sip
  sd t0,${Mail.sip}(s1)
  fence
  li t0,1
  sd t0,${Mail.arrived}(s1)
  listen:
  csrr t0,sip
  andi t0,t0,0x22
  sd t0,${Mail.sip}(s1)
  ld t2,${Mail.command}(s1)
  beqz t2,listen
  li t0,${Command.clear}
  beq t2,t0,clear
  li s2,2
  li t0,${Command.alarm}
  bne t2,t0,prepare
  li s2,0x20
  rdtime a0
  li t0,1000
  add a0,a0,t0
  li a6,0
  li a7,${Eid.time}
  ecall
  prepare:
  csrw sie,s2
  la a1,helper
  addi a2,s1,64
  li a7,${Eid.hsm}
  li a6,1
  li t0,${Command.stop}
  beq t2,t0,request
  li a6,3
  li a0,0
  li t0,${Command.suspend}
  beq t2,t0,request
  li a0,0x80000000
  request:
  sd zero,${Mail.command}(s1)
  fence
  ecall
  csrw sie,zero
  addi a0,a0,0x100
  sd a0,${Mail.answer}(s1)
  j listen
  clear:
  csrci sip,2
  fence
  sd zero,${Mail.command}(s1)
  j listen`;

/** Notes what is in the mailbox of a hart. */
export const mail = (hart: number, ...fields: readonly (keyof typeof Mail)[]): Step[] =>
  fields.map((field) => observe(`${field} of hart ${hart}`, load(mailbox(hart) + BigInt(Mail[field]))));
/** Has a helper do something, and waits until it begins. */
export const command = (hart: number, what: keyof typeof Command): Step[] => [
  store(mailbox(hart) + BigInt(Mail.command), BigInt(Command[what])),
  until(mailbox(hart) + BigInt(Mail.command), 0n),
];
export const untilMail = (hart: number, field: keyof typeof Mail, value: bigint): Step =>
  until(mailbox(hart) + BigInt(Mail[field]), value);
/** Starts a stopped hart as a helper. */
export const start = (hart: number): Step[] => [
  store(mailbox(hart) + BigInt(Mail.arrived), 0n),
  call('hart_start', Eid.hsm, 0, BigInt(hart), 'helper', mailbox(hart)),
  untilMail(hart, 'arrived', 1n),
];
