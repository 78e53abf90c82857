/**
 * Ids that a client holds for things of one stop. What is the same has the same id as long as the stop lasts, also after an edit, so that
 * what a client has opened stays open. Ids are never used twice, so that a stale one is noticed.
 */
export class Handles<T> {
  private readonly values = new Map<number, T>();
  private readonly ids = new Map<string, number>();
  private next = 1;

  /** @param key what makes it the same thing as one before, which it replaces */
  set(key: string, value: T): number {
    let id = this.ids.get(key);
    if (id === undefined) this.ids.set(key, (id = this.next++));
    this.values.set(id, value);
    return id;
  }

  get(id: number): T | undefined {
    return this.values.get(id);
  }

  clear(): void {
    this.values.clear();
    this.ids.clear();
  }
}
