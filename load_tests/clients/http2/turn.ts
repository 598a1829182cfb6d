/** What is done once at the end of this turn of the event loop's callbacks, for all connections together. */

const due: (() => void)[] = [];

export function atEndOfTurn(act: () => void): void {
  if (due.push(act) === 1) queueMicrotask(actAll);
}

function actAll(): void {
  for (const act of due.splice(0)) act();
}
