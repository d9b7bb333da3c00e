// Runs a libFuzzer target without libFuzzer: every seed once, then mutations of
// them from a fixed sequence, so that the same call tries the same inputs.
//
// usage: NAME_fuzz [-runs=N] [-seconds=S] [-seed=K] [-max_len=B] [SEED...]
//
// A seed is a file or a folder, read with its subfolders. The input at work
// when the process dies is written to crash-NAME_fuzz in the working directory.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// The input at work, for the signal handler.
const std::string* current = nullptr;
std::string crash_file;

void SaveAndDie(int signal) {
  if (current != nullptr) {
    std::FILE* out = std::fopen(crash_file.c_str(), "wb");
    if (out != nullptr) {
      std::fwrite(current->data(), 1, current->size(), out);
      std::fclose(out);
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void RunOne(const std::string& input) {
  current = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
  current = nullptr;
}

// SplitMix64: small, and the same everywhere.
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  size_t Below(size_t bound) { return bound == 0 ? 0 : Next() % bound; }

 private:
  uint64_t state_;
};

// What parsers trip over.
constexpr std::string_view kWords[] = {"{",
                                       "}",
                                       "[",
                                       "]",
                                       "\"",
                                       "\\u0000",
                                       "null",
                                       "-0",
                                       "1e999",
                                       "\xff",
                                       "\xed\xa0\x80",
                                       "(((((((((",
                                       "'",
                                       "%",
                                       "@2024-",
                                       "()",
                                       "9999999999999999999",
                                       "[[[[[",
                                       "{\"a\":[",
                                       "\n",
                                       "or",
                                       ".where(",
                                       "2024-02-30"};

std::string PieceOf(const std::string& text, Chance& chance) {
  return text.substr(chance.Below(text.size() + 1), chance.Below(64));
}

void MutateOnce(const std::vector<std::string>& seeds, Chance& chance,
                std::string& text) {
  const size_t at = chance.Below(text.size() + 1);
  switch (chance.Below(7)) {
    case 0:  // one bit
      if (at < text.size()) text[at] ^= static_cast<char>(1 << chance.Below(8));
      break;
    case 1:  // one byte
      if (at < text.size()) text[at] = static_cast<char>(chance.Next());
      break;
    case 2:  // a piece less
      text.erase(at, chance.Below(16));
      break;
    case 3:  // a known trap
      text.insert(at, kWords[chance.Below(std::size(kWords))]);
      break;
    case 4:  // a piece twice
      text.insert(at, PieceOf(text, chance));
      break;
    case 5:  // a piece of another seed
      text.insert(at, PieceOf(seeds[chance.Below(seeds.size())], chance));
      break;
    default:  // cut short
      text.resize(at);
  }
}

void ReadSeeds(const std::filesystem::path& path,
               std::vector<std::string>& seeds) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "cannot read the seed %s\n", file.c_str());
      std::exit(2);
    }
    seeds.emplace_back(std::istreambuf_iterator<char>(in),
                       std::istreambuf_iterator<char>());
  }
}

struct Options {
  uint64_t runs = 0;
  uint64_t seconds = 0;
  uint64_t seed = 1;
  size_t length_max = 65536;
  std::vector<std::string> seeds;
};

Options ReadOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const size_t equals = argument.find('=');
    if (!argument.starts_with('-') || equals == std::string_view::npos) {
      ReadSeeds(argv[i], options.seeds);
      continue;
    }
    const std::string_view name = argument.substr(0, equals);
    const uint64_t value = std::strtoull(argv[i] + equals + 1, nullptr, 10);
    if (name == "-runs") options.runs = value;
    if (name == "-seconds") options.seconds = value;
    if (name == "-seed") options.seed = value;
    if (name == "-max_len") options.length_max = value;
  }
  return options;
}

uint64_t RunMutations(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  Chance chance(options.seed);
  uint64_t done = 0;
  while (done < options.runs || (options.seconds > 0 && Clock::now() < end)) {
    std::string text = options.seeds[chance.Below(options.seeds.size())];
    const size_t changes = 1 + chance.Below(4);
    for (size_t i = 0; i < changes; ++i) {
      MutateOnce(options.seeds, chance, text);
    }
    if (text.size() > options.length_max) text.resize(options.length_max);
    RunOne(text);
    ++done;
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  crash_file = "crash-" + std::filesystem::path(argv[0]).filename().string();
  for (int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS}) {
    std::signal(signal, SaveAndDie);
  }
  Options options = ReadOptions(argc, argv);
  options.seeds.emplace_back();  // the empty input
  for (const std::string& seed : options.seeds) RunOne(seed);
  const uint64_t mutations = RunMutations(options);
  std::printf("%zu seeds, %llu mutations\n", options.seeds.size(),
              static_cast<unsigned long long>(mutations));
  return 0;
}
