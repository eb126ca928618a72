// The fuzzers without libFuzzer, for compilers that lack it: every seed as it is, then seeded
// random damage and splices of seeds, for a bounded time. What CI runs; tests/fuzz/long.sh goes
// further.
//   fuzz_NAME [--seconds N] [--seed N] DIRECTORY
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t input_bytes_max = 16'384;
constexpr int damages_max = 6;

const std::string* running = nullptr;

// The input that broke something is left beside the program, to be run again by itself.
void keep_input(int signal) {
  const int fd = ::open("fuzz-finding", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0 && running != nullptr) (void)!::write(fd, running->data(), running->size());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  running = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void damage(std::string& text, std::mt19937_64& random) {
  static const char* const hard[] = {"%",       "%%0",      "%u",
                                     "\\u0000", "\\ud800",  "\xff\xfe",
                                     "{{",      "[[[[[[[[", "\"",
                                     "&",       "=",        "\r\n\r\n",
                                     "-1",      "1e999",    "null",
                                     ";",       "/",        ".",
                                     "..",      "+",        "9223372036854775808",
                                     "~1",      "\xc3",     "\xf0\x9f\x99\x82",
                                     "://",     "?",        "#",
                                     "true",    "{}",       "[]"};
  const auto at = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  switch (random() % 7) {
    case 0:
      if (!text.empty()) text[at(text.size())] = static_cast<char>(random());
      return;
    case 1:
      if (!text.empty()) text[at(text.size())] ^= static_cast<char>(1U << (random() % 8));
      return;
    case 2:
      text.erase(at(text.size() + 1), 1 + at(16));
      return;
    case 3:
      text.resize(at(text.size() + 1));
      return;
    case 4:
      text.insert(at(text.size() + 1), hard[random() % std::size(hard)]);
      return;
    case 5: {
      const auto from = at(text.size() + 1);
      text.insert(at(text.size() + 1), text.substr(from, at(256)));
      return;
    }
    default:
      text.insert(at(text.size() + 1), 1, static_cast<char>(random()));
  }
}

std::vector<std::string> seeds_in(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& e : std::filesystem::directory_iterator(directory)) paths.push_back(e.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& p : paths) {
    std::ifstream in(p, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>{});
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 5;
  std::uint64_t seed = 1;
  std::string directory;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (arg == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      directory = arg;
    }
  }
  if (directory.empty() || !std::filesystem::is_directory(directory)) {
    std::cerr << "name a directory of seeds; tests/fuzz/seeds.py makes one\n";
    return 2;
  }
  for (const int s : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(s, keep_input);
  const auto seeds = seeds_in(directory);
  if (seeds.empty()) {
    std::cerr << directory << " holds no seed\n";
    return 2;
  }
  for (const auto& s : seeds) run(s);
  std::mt19937_64 random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    std::string input = seeds[random() % seeds.size()];
    if (random() % 4 == 0) {
      const auto& other = seeds[random() % seeds.size()];
      input.resize(random() % (input.size() + 1));
      input += other.substr(random() % (other.size() + 1));
    }
    for (auto n = 1 + random() % damages_max; n > 0; --n) damage(input, random);
    if (input.size() > input_bytes_max) input.resize(input_bytes_max);
    run(input);
    ++runs;
  }
  std::cout << seeds.size() << " seeds, " << runs << " damaged inputs, seed " << seed << "\n";
  return 0;
}
