/** Thread ids of tasks: the same for a task as long as the session lasts. A new task in the memory of an old one inherits its id. */
const first = 1000;

export class TaskIds {
  readonly #ids = new Map<bigint, number>();
  readonly #addresses: bigint[] = [];

  idOf(address: bigint): number {
    let id = this.#ids.get(address);
    if (id === undefined) {
      id = first + this.#addresses.push(address) - 1;
      this.#ids.set(address, id);
    }
    return id;
  }

  /** Of the `struct task_struct`. */
  address(id: number): bigint | undefined {
    return this.#addresses[id - first];
  }
}
