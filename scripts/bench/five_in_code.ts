import { defineWorkload } from "tenfold";

export default defineWorkload({
  tasks: {
    async five(user) {
      for (const query of ["a", "b", "c", "d", "e"]) {
        const answer = await user.get(`/?${query}=${user.random.int(1, 9)}`, { name: query });
        user.check(answer.status === 200, "is there");
        user.vars.server = answer.header("server");
      }
    },
  },
});
