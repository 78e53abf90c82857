/** The scopes of C code: a function's arguments and locals, and the statics of its file. */
import { FrameMachine } from '../../debugger/expression/frame-machine';
import { variableValue } from '../../debugger/expressions';
import type { CVariable, FunctionScope } from '../../symbols/c-types';
import { unknownVariable } from '../errors';
import { assignTo, cVariable, type ValueView } from './c-values';
import type { Variable, VariableContainer } from './variable';

/** A variable with the name that tells it from others of the scope. */
interface Named {
  readonly label: string;
  readonly variable: CVariable;
  /** False for one that a variable of an inner block hides. */
  readonly visible: boolean;
}

/** The function whose frame it is; `undefined` for assembly, and without debug information. */
export function functionOf({ standpoint, debuggee }: ValueView): FunctionScope | undefined {
  const { debug } = debuggee.program;
  return debug?.functionsAt(standpoint.frame.pc)[standpoint.inlined ?? 0];
}

/** Arguments first; of a name that is declared again in an inner block, the one that is in force first. */
export function localVariables(scope: FunctionScope, view: ValueView): VariableContainer {
  const variables = scope.blocks.flatMap((block) => block.variables);
  const isArgument = ({ kind }: CVariable) => kind === 'parameter';
  return new CVariables(
    () => named([...variables.filter(isArgument), ...variables.filter((one) => !isArgument(one))], variables),
    view,
  );
}

/** Those of the file, without the locals that are static. */
export function fileVariables(view: ValueView): VariableContainer {
  const { standpoint, debuggee } = view;
  const variables = () => debuggee.program.debug?.unitVariables(standpoint.frame.pc) ?? [];
  return new CVariables(() => named(variables(), variables()), view);
}

/** `inForce`: all of them, those that hide others first. */
function named(variables: readonly CVariable[], inForce: readonly CVariable[]): readonly Named[] {
  const times = new Map<string, number>();
  return variables.map((variable) => {
    const { name } = variable;
    const visible = inForce.find((one) => one.name === name) === variable;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    const line = variable.declaration?.line;
    const which = line === undefined ? `${time}` : `line ${line}`;
    return { variable, visible, label: visible ? name : `${name} (${which})` };
  });
}

class CVariables implements VariableContainer {
  private readonly named: () => readonly Named[];
  private readonly view: ValueView;

  constructor(variables: () => readonly Named[], view: ValueView) {
    this.named = variables;
    this.view = view;
  }

  list(): readonly Variable[] {
    const machine = new FrameMachine(this.view.standpoint);
    return this.named().map(({ label, variable, visible }) => {
      const expression = visible ? variable.name : undefined;
      return cVariable(label, variableValue(variable, machine), expression, this.view, variable.type);
    });
  }

  assign(name: string, text: string): Variable {
    const found = this.named().find(({ label }) => label === name);
    if (!found) throw unknownVariable(name);
    const { variable, visible } = found;
    const target = variableValue(variable, new FrameMachine(this.view.standpoint));
    return assignTo(name, target, visible ? variable.name : undefined, text, this.view);
  }
}
