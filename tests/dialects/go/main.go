// Copyright (c) 2026 The envforge.terraform authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command readers reads .env texts as Docker Compose ("compose") or `docker run --env-file` ("docker") does:
// one JSON string a line in, one JSON object a line out, null where the reader refuses the text.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/docker/cli/pkg/kvfile"
)

func compose(text string) (map[string]string, error) {
	return dotenv.Parse(strings.NewReader(text))
}

func docker(text string) (map[string]string, error) {
	lines, err := kvfile.ParseFromReader(strings.NewReader(text), nil)
	found := map[string]string{}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		found[key] = value
	}
	return found, err
}

func main() {
	read := map[string]func(string) (map[string]string, error){"compose": compose, "docker": docker}[os.Args[1]]
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		var text string
		if err := json.Unmarshal([]byte(line), &text); err != nil {
			panic(err)
		}
		found, err := read(text)
		if err != nil {
			found = nil
		}
		if err := output.Encode(found); err != nil {
			panic(err)
		}
	}
}
