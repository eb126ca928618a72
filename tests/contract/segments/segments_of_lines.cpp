// Reads one text a line as hexadecimal UTF-8; writes "encoding units part part ..." a line, the
// parts as hexadecimal UTF-8 too. The other half of compare.js.
#include <iostream>
#include <string>

#include "rules/text/segments.hpp"

namespace {

std::string unhex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

std::string hex(const std::string& bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char b : bytes) {
    out.push_back(digits[b >> 4U]);
    out.push_back(digits[b & 15U]);
  }
  return out;
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto report = moodline::text::lint(unhex(line));
    std::cout << (report.encoding == moodline::text::SmsEncoding::gsm7 ? "GSM-7 " : "UCS-2 ")
              << report.units;
    for (const std::string& part : report.parts) std::cout << ' ' << hex(part);
    std::cout << '\n';
  }
}
