// `bench-grpc COUNT_FILE`: Say sends a note back; Many sends it back 50 times. grpc++ with its callback interface.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "echo.grpc.pb.h"

using grpc::CallbackServerContext;

static std::atomic<uint64_t> *answers;
static const int MANY = 50;

class Repeat final : public grpc::ServerWriteReactor<bench::Note> {
 public:
  explicit Repeat(const bench::Note &note) : note_(note) { StartWrite(&note_); }
  void OnWriteDone(bool ok) override {
    if (ok && ++written_ < MANY) return StartWrite(&note_);
    Finish(ok ? grpc::Status::OK : grpc::Status::CANCELLED);
  }
  void OnDone() override {
    if (written_ == MANY) ++*answers;
    delete this;
  }

 private:
  bench::Note note_;
  int written_ = 0;
};

class Echo final : public bench::Echo::CallbackService {
  grpc::ServerUnaryReactor *Say(CallbackServerContext *context, const bench::Note *note, bench::Note *answer) override {
    *answer = *note;
    ++*answers;
    auto *reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<bench::Note> *Many(CallbackServerContext *, const bench::Note *note) override {
    return new Repeat(*note);
  }
};

int main(int argc, char **argv) {
  int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;
  if (fd < 0 || ftruncate(fd, 8) != 0) return perror("bench-grpc COUNT_FILE"), 1;
  answers = static_cast<std::atomic<uint64_t> *>(mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  Echo service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  printf("%d\n", port);
  fflush(stdout);
  server->Wait();
}
