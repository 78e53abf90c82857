/** Ids that a client holds for things of one stop. Ids are never used twice, so that a stale one is noticed. */
export class Handles<T> {
  private readonly values = new Map<number, T>();
  private next = 1;

  add(value: T): number {
    const id = this.next++;
    this.values.set(id, value);
    return id;
  }

  get(id: number): T | undefined {
    return this.values.get(id);
  }

  clear(): void {
    this.values.clear();
  }
}
