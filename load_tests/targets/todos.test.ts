import { expect, test } from "vitest";
import { specOf, started } from "./fixture.ts";

test("the to-do list's stand-in creates, lists, changes, completes and deletes", async () => {
  const address = await started(specOf("todos"));
  const ask = async (method: string, path: string, json?: object) => {
    const answer = await fetch(address + path, { method, ...(json && { body: JSON.stringify(json) }) });
    return [answer.status, await answer.json()];
  };
  expect(await ask("GET", "/health")).toEqual([200, { status: "healthy" }]);
  expect(await ask("POST", "/api/todos", { title: "a" })).toEqual([201, { id: 1, title: "a", completed: false }]);
  expect(await ask("POST", "/api/todos", {})).toEqual([400, { error: "title is required" }]);
  expect(await ask("PUT", "/api/todos/1", { title: "b" })).toEqual([200, { id: 1, title: "b", completed: false }]);
  expect(await ask("PUT", "/api/todos/1/complete")).toEqual([200, { id: 1, title: "b", completed: true }]);
  expect(await ask("GET", "/api/todos")).toEqual([200, [{ id: 1, title: "b", completed: true }]]);
  expect((await ask("DELETE", "/api/todos/1"))[0]).toBe(200);
  expect((await ask("DELETE", "/api/todos/1"))[0]).toBe(404);
  expect(await ask("GET", "/api/todos")).toEqual([200, []]);
});
