/** The scope `Registers` of a frame: pc and x1 to x31 by ABI name. */
import type { Debuggee } from '../../debugger/api';
import { registerIndex } from '../../debugger/registers';
import { hex } from '../../unwind/hex';
import type { Editor } from './csr-variables';
import { notWritable, unknownVariable } from '../errors';
import { isLive, pcOf, registerIn } from './frame-registers';
import type { SelectedFrame } from '../call-stacks';
import { formatBits } from './value-formats';
import type { Variable, VariableContainer } from './variable';
import { describeWord } from '../../debugger/symbolic';

const indices = Array.from({ length: 31 }, (_, i) => i + 1);

export class RegisterScope implements VariableContainer {
  private readonly frame: SelectedFrame;
  private readonly debuggee: Debuggee;
  private readonly editor: Editor;

  constructor(frame: SelectedFrame, debuggee: Debuggee, editor: Editor) {
    this.frame = frame;
    this.debuggee = debuggee;
    this.editor = editor;
  }

  list(): readonly Variable[] {
    return [
      this.variable('pc', pcOf(this.frame)),
      ...indices.map((index) =>
        this.variable(this.debuggee.target.registerName(index), registerIn(this.frame, index)),
      ),
    ];
  }

  assign(name: string, text: string): Variable {
    const { target } = this.debuggee;
    const index = registerIndex(name, (i) => target.registerName(i));
    if (name !== 'pc' && index === undefined) throw unknownVariable(name);
    if (!isLive(this.frame)) {
      throw notWritable(name, 'only the innermost frame has its registers in the machine; select that frame');
    }
    const value = this.editor.evaluate(text);
    if (index === undefined) this.frame.hart.pc = value;
    else this.frame.hart.setX(index, value);
    this.editor.changed('stacks');
    return this.variable(name, index === undefined ? this.frame.hart.pc : this.frame.hart.getX(index));
  }

  private variable(name: string, value: bigint | undefined): Variable {
    if (value === undefined) return { name, value: '<not known in this frame>', readOnly: true };
    const format = this.editor.formatOf(name);
    return {
      name,
      value:
        format === 'symbol' ? describeWord(value, this.frame.hart, this.debuggee) : formatBits(value, format),
      evaluateName: `$${name}`,
      isRegister: true,
      memoryReference: hex(value),
      readOnly: !isLive(this.frame),
    };
  }
}
