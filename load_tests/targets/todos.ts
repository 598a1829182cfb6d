/** The stand-in of a to-do list: items are created, listed, changed, completed and deleted, and are really there. */
import type { Behaviour } from "./behaviour.ts";
import { type HttpAnswer, type HttpRequest, httpService } from "./http_service.ts";
import type { Service } from "./listener.ts";
import { respondBy } from "./rest.ts";

interface Todo {
  readonly id: number;
  readonly title: string;
  readonly completed: boolean;
}

/** Of a list, the newest; and the most that are kept, so that a long load fills no memory. */
const SHOWN = 50;
const MOST_KEPT = 10_000;

const NO_SUCH: HttpAnswer = { status: 404, body: { error: "Todo not found" } };

function titleIn(body: Buffer): string | null {
  try {
    const { title } = JSON.parse(body.toString());
    return typeof title === "string" && title.trim() !== "" ? title : null;
  } catch {
    return null;
  }
}

class TodoList {
  private readonly items = new Map<number, Todo>();
  private last = 0;

  answer(request: HttpRequest): HttpAnswer {
    const { method, path } = request;
    if (path === "/health") return { status: 200, body: { status: "healthy" } };
    const [, id, complete] = /^\/api\/todos(?:\/(\d+)(\/complete)?)?$/.exec(path) ?? [];
    if (id !== undefined) return this.one(this.items.get(Number(id)), { method, complete, body: request.body });
    if (path !== "/api/todos") return { status: 404, body: { error: "Not found" } };
    if (method === "GET") return { status: 200, body: [...this.items.values()].slice(-SHOWN).reverse() };
    return method === "POST" ? this.create(titleIn(request.body)) : { status: 405, body: { error: "Not allowed" } };
  }

  private create(title: string | null): HttpAnswer {
    if (title === null) return { status: 400, body: { error: "title is required" } };
    const todo = { id: ++this.last, title, completed: false };
    this.items.set(todo.id, todo);
    if (this.items.size > MOST_KEPT) this.items.delete(this.items.keys().next().value!);
    return { status: 201, body: todo };
  }

  private one(
    todo: Todo | undefined,
    asked: { method: string; complete: string | undefined; body: Buffer },
  ): HttpAnswer {
    if (todo === undefined) return NO_SUCH;
    const { method, complete, body } = asked;
    if (method === "PUT") return this.change(todo, complete === undefined ? titleIn(body) : todo.title, complete);
    if (method === "GET" && complete === undefined) return { status: 200, body: todo };
    if (method !== "DELETE" || complete !== undefined) return { status: 405, body: { error: "Not allowed" } };
    this.items.delete(todo.id);
    return { status: 200, body: { deleted: todo.id } };
  }

  private change(todo: Todo, title: string | null, complete: string | undefined): HttpAnswer {
    if (title === null) return { status: 400, body: { error: "title is required" } };
    const changed = { ...todo, title, completed: todo.completed || complete !== undefined };
    this.items.set(todo.id, changed);
    return { status: 200, body: changed };
  }
}

export function todos(behaviour: Behaviour): Service {
  const list = new TodoList();
  return httpService(
    behaviour,
    respondBy((request) => list.answer(request)),
  );
}
