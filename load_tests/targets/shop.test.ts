import { describe, expect, test } from "vitest";
import { specOf, started } from "./fixture.ts";
import { cardProblem } from "./payment.ts";

const CARD = {
  email: "a@example.com",
  ...{ street_address: "1 road", zip_code: "12345", city: "town", state: "state", country: "land" },
  credit_card_number: "4432801561520454",
  ...{ credit_card_expiration_month: "1", credit_card_expiration_year: "2999", credit_card_cvv: "672" },
};

/** A customer of a shop of its own, who keeps the cookie. */
async function customer() {
  const address = await started(specOf("shop"));
  let cookie = "";
  return async (method: string, path: string, form?: Record<string, string>) => {
    const body = form === undefined ? {} : { body: new URLSearchParams(form) };
    const answer = await fetch(address + path, { method, redirect: "manual", headers: { cookie }, ...body });
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    const text = await answer.text();
    return { status: answer.status, location: answer.headers.get("location"), body: text === "" ? "" : text };
  };
}

describe("the shop's stand-in", () => {
  test("keeps a cart for each session, which checkout empties", async () => {
    const ask = await customer();
    expect((await ask("POST", "/cart", { product_id: "OLJCESPC7Z", quantity: "2" })).location).toBe("/cart");
    await ask("POST", "/cart", { product_id: "OLJCESPC7Z", quantity: "1" });
    expect(JSON.parse((await ask("GET", "/cart")).body).items).toEqual([{ product_id: "OLJCESPC7Z", quantity: 3 }]);
    const order = await ask("POST", "/cart/checkout", CARD);
    expect(JSON.parse(order.body).items).toEqual([{ product_id: "OLJCESPC7Z", quantity: 3 }]);
    expect(JSON.parse((await ask("GET", "/cart")).body).items).toEqual([]);
  });

  test.each([
    ["POST", "/cart/checkout", CARD, "the cart is empty"],
    ["POST", "/cart", { product_id: "nothing", quantity: "1" }, "product_id"],
    ["POST", "/cart", { product_id: "OLJCESPC7Z", quantity: "11" }, "quantity"],
    ["POST", "/setCurrency", { currency_code: "XYZ" }, "currency_code"],
  ])("refuses %s %s of %o: %s", async (method, path, form, why) => {
    const answer = await (await customer())(method, path, form as Record<string, string>);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(why);
  });

  test("has nine products and no other", async () => {
    const ask = await customer();
    const { products } = JSON.parse((await ask("GET", "/")).body);
    expect(products).toHaveLength(9);
    expect((await ask("GET", `/product/${products[8]}`)).status).toBe(200);
    expect((await ask("GET", "/product/none")).status).toBe(404);
    expect((await ask("GET", "/_healthz")).body).toBe("ok");
  });
});

describe("its payment", () => {
  const now = new Date("2030-05-15T00:00:00Z");
  const problem = (changes: Record<string, string>) => cardProblem(new URLSearchParams({ ...CARD, ...changes }), now);

  test.each(["4432801561520454", "4432-8015-6152-0454", "4111111111111111", "4012888888881881", "5555555555554444"])(
    "takes %s",
    (credit_card_number) => expect(problem({ credit_card_number })).toBeNull(),
  );

  test.each(["4432801561520455", "443280156152045", "378282246310005", "", "443280156152045400"])(
    "does not take %s",
    (credit_card_number) => expect(problem({ credit_card_number })).toMatch(/16 digits/),
  );

  test("does not take a card that has expired", () => {
    const until = (year: string, month: string) =>
      problem({ credit_card_expiration_year: year, credit_card_expiration_month: month });
    expect(until("2030", "5")).toBeNull();
    expect(until("2030", "4")).toBe("the card has expired");
    expect(until("2029", "12")).toBe("the card has expired");
  });
});
