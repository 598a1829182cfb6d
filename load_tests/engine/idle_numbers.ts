/** Numbers of users that are free: always the lowest one is taken, a new one where none is free. */
export class IdleNumbers {
  private readonly heap: number[] = [];
  private fresh = 0;

  take(): number {
    if (this.heap.length === 0) return this.fresh++;
    const lowest = this.heap[0]!;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
    return lowest;
  }

  give(number: number): void {
    let at = this.heap.push(number) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.heap[parent]! <= number) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = number;
  }

  private sink(number: number): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= number) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = number;
  }
}
