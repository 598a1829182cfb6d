/** The stand-in of a shop's front end: products, a cart for each session, a checkout that takes real cards alone. */
import { randomUUID } from "node:crypto";
import type { Behaviour } from "./behaviour.ts";
import { type HttpAnswer, type HttpRequest, httpService } from "./http_service.ts";
import type { Service } from "./listener.ts";
import { cardProblem } from "./payment.ts";
import { respondBy } from "./rest.ts";

const PRODUCTS = [
  ...["0PUK6V6EV0", "1YMWWN1N4O", "2ZYFJ3GM2N", "66VCHSJNUP", "6E92ZMYYFZ"],
  ...["9SIQT8TOJO", "L9ECAV7KIM", "LS4PSXUNUM", "OLJCESPC7Z"],
];
const CURRENCIES = ["EUR", "USD", "JPY", "CAD", "GBP", "TRY"];
const COOKIE = "shop_session-id";
/** Sessions with a cart beyond these are forgotten, the oldest first. */
const MOST_SESSIONS = 100_000;

interface Session {
  readonly cart: Map<string, number>;
  currency: string;
}

interface Visit {
  readonly session: Session;
  /** Set where the session is new. */
  readonly headers: Readonly<Record<string, string>>;
  readonly form: URLSearchParams;
  readonly now: Date;
}

const page = (body: object, { headers }: Visit): HttpAnswer => ({ status: 200, body, headers });
const see = (location: string, { headers }: Visit): HttpAnswer => ({
  status: 302,
  body: "",
  headers: { ...headers, location },
});
const wrong = (error: string): HttpAnswer => ({ status: 422, body: { error } });

const itemsOf = ({ cart }: Session) => [...cart].map(([product_id, quantity]) => ({ product_id, quantity }));

const ROUTES: Readonly<Record<string, (visit: Visit) => HttpAnswer>> = {
  "GET /": (visit) => page({ products: PRODUCTS, currency: visit.session.currency }, visit),
  "POST /setCurrency": (visit) => {
    const currency = visit.form.get("currency_code") ?? "";
    if (!CURRENCIES.includes(currency)) return wrong(`currency_code: expected one of ${CURRENCIES.join(", ")}`);
    visit.session.currency = currency;
    return see("/", visit);
  },
  "GET /cart": (visit) => page({ items: itemsOf(visit.session) }, visit),
  "POST /cart": (visit) => {
    const [product, quantity] = [visit.form.get("product_id") ?? "", Number(visit.form.get("quantity"))];
    if (!PRODUCTS.includes(product)) return wrong("product_id: expected a product of the shop");
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 10) return wrong("quantity: expected 1 to 10");
    visit.session.cart.set(product, (visit.session.cart.get(product) ?? 0) + quantity);
    return see("/cart", visit);
  },
  "POST /cart/checkout": (visit) => {
    const { session, form, now } = visit;
    const missing = ["email", "street_address", "zip_code", "city", "state", "country"].find((key) => !form.get(key));
    if (missing !== undefined) return wrong(`${missing}: expected a text`);
    if (session.cart.size === 0) return wrong("the cart is empty");
    const problem = cardProblem(form, now);
    if (problem !== null) return wrong(problem);
    const order = { order_id: randomUUID(), items: itemsOf(session) };
    session.cart.clear();
    return page(order, visit);
  },
};

class Shop {
  private readonly sessions = new Map<string, Session>();

  answer(request: HttpRequest): HttpAnswer {
    if (request.path === "/_healthz") return { status: 200, body: "ok" };
    const visit = { ...this.sessionOf(request), form: new URLSearchParams(request.body.toString()), now: new Date() };
    const product = /^\/product\/(.+)$/.exec(request.path)?.[1];
    if (request.method === "GET" && product !== undefined)
      return PRODUCTS.includes(product) ? page({ id: product }, visit) : { status: 404, body: { error: "No product" } };
    return ROUTES[`${request.method} ${request.path}`]?.(visit) ?? { status: 404, body: { error: "Not found" } };
  }

  private sessionOf({ headers }: HttpRequest): Pick<Visit, "session" | "headers"> {
    const id = new RegExp(`${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? "")?.[1] ?? "";
    const known = this.sessions.get(id);
    if (known !== undefined) return { session: known, headers: {} };
    const [fresh, session] = [randomUUID(), { cart: new Map(), currency: "USD" }];
    this.sessions.set(fresh, session);
    if (this.sessions.size > MOST_SESSIONS) this.sessions.delete(this.sessions.keys().next().value!);
    return { session, headers: { "set-cookie": `${COOKIE}=${fresh}; Path=/` } };
  }
}

export function shop(behaviour: Behaviour): Service {
  const open = new Shop();
  return httpService(
    behaviour,
    respondBy((request) => open.answer(request)),
  );
}
