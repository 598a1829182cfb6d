/** What a payment service finds wrong with a card: as the demonstration shops do, it takes Visa and Mastercard alone. */

/** ISO/IEC 7812-1: every second digit from the right twice, its digits summed; the whole is a multiple of ten. */
function sumsUp(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const TAKEN = /^(4\d{15}|5[1-5]\d{14}|2[2-7]\d{14})$/;

/** A sentence, or null for a card of 16 digits that is not over by `now`. */
export function cardProblem(form: URLSearchParams, now: Date): string | null {
  const number = (form.get("credit_card_number") ?? "").replace(/[- ]/g, "");
  if (!TAKEN.test(number) || !sumsUp(number)) return "credit_card_number: expected a Visa or Mastercard of 16 digits";
  const [year, month] = ["year", "month"].map((key) => Number(form.get(`credit_card_expiration_${key}`)));
  if (!(month! >= 1 && month! <= 12)) return "credit_card_expiration_month: expected 1 to 12";
  if (!(year! * 12 + month! >= now.getUTCFullYear() * 12 + now.getUTCMonth() + 1)) return "the card has expired";
  return /^\d{3}$/.test(form.get("credit_card_cvv") ?? "") ? null : "credit_card_cvv: expected 3 digits";
}
