import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.*;
import java.time.Duration;

/** GET by USERS users at once, each on its own connection and without pauses, for LIMIT seconds. */
public class Bench extends Simulation {
  {
    int users = Integer.parseInt(System.getenv("USERS"));
    Duration limit = Duration.ofSeconds(Integer.parseInt(System.getenv("LIMIT")));
    ScenarioBuilder flat = scenario("flat out").during(limit).on(exec(http("get").get("/").check(status().is(200))));
    setUp(flat.injectOpen(atOnceUsers(users))).protocols(http.baseUrl(System.getenv("TARGET")));
  }
}
