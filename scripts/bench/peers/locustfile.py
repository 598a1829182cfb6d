"""The same user on Locust's three clients: asks again as soon as it has the answer."""
import os
import sys
import time

from locust import FastHttpUser as Fast
from locust import HttpUser as Http
from locust import User, between, constant, constant_throughput, task

RATE = float(os.environ.get("RATE_PER_USER", 0))
PAUSE = constant_throughput(RATE) if RATE else between(1, 3) if "THINK" in os.environ else constant(0)


class HttpUser(Http):
    wait_time = PAUSE

    @task
    def index(self):
        self.client.get("/")


class FastHttpUser(Fast):
    wait_time = PAUSE

    @task
    def index(self):
        self.client.get("/")


if "PROTO" in os.environ:
    import grpc
    import grpc.experimental.gevent
    from grpc_tools import protoc

    OUT, SOURCE = os.environ["TMPDIR"], os.environ["PROTO"]
    protoc.main(["", f"-I{SOURCE}", f"--python_out={OUT}", f"--grpc_python_out={OUT}", f"{SOURCE}/echo.proto"])
    sys.path.insert(0, OUT)
    import echo_pb2
    import echo_pb2_grpc

    grpc.experimental.gevent.init_gevent()
    CONNECTIONS = 10
    STUBS = []

    def stub(host, number):
        """Users share ten connections."""
        if len(STUBS) < CONNECTIONS:
            channel = grpc.insecure_channel(host, options=[("grpc.use_local_subchannel_pool", 1)])
            STUBS.append(echo_pb2_grpc.EchoStub(channel))
        return STUBS[number % len(STUBS)]

    class GrpcUser(User):
        wait_time = PAUSE
        number = 0

        def on_start(self):
            GrpcUser.number += 1
            self.stub = stub(self.host, GrpcUser.number)

        @task
        def say(self):
            started = time.perf_counter()
            answer = self.stub.Say(echo_pb2.Note(text="hello"))
            taken = (time.perf_counter() - started) * 1000
            self.environment.events.request.fire(
                request_type="grpc", name="Say", response_time=taken, response_length=len(answer.text), exception=None, context={}
            )
