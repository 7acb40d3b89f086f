// Copyright (c) 2026 The envforge.terraform authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads .env texts as the npm package dotenv does: one JSON string a line in, one JSON object a line out.
// Its two parsers, the default and the opt-in fast one, must agree, else the answer is null.

const path = require("path");
const readline = require("readline");

const dotenv = require(require.resolve("dotenv", { paths: [path.resolve(process.argv[2])] }));

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const text = Buffer.from(JSON.parse(line), "utf8");
  const usual = JSON.stringify(dotenv.parse(text));
  const fast = JSON.stringify(dotenv.parse(text, { fast: true }));
  process.stdout.write((process.argv[3] === "both" && usual !== fast ? "null" : usual) + "\n");
});
