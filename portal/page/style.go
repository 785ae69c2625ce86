package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"amiable/static"
)

// The order in which the style sheets are joined: what comes later wins.
var (
	debtorSheets  = []string{"tokens", "base", "header", "footer", "form", "button", "doors", "ledger", "timeline", "thread", "plan", "parts"}
	consoleSheets = append(append([]string(nil), debtorSheets...), "console")
)

var (
	debtorStyle  = joined(debtorSheets)
	consoleStyle = joined(consoleSheets)
	live         = bare(mustRead("js/live.js"))
	script       = bare(mustRead("js/console.js")) + live
	livePath     = "/static/live." + fingerprint(live) + ".js"
	consolePath  = "/static/console." + fingerprint(consoleStyle) + ".css"
	scriptPath   = "/static/console." + fingerprint(script) + ".js"
)

// DebtorStyleHash is what the content security policy allows as style-src for
// the pages of debtors: 'sha256-…', with its quotes.
func DebtorStyleHash() string {
	sum := sha256.Sum256([]byte(debtorStyle))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// ConsoleStyle is the one style sheet of the consoles: its path, which changes
// with its bytes, so that it may be kept for ever.
func ConsoleStyle() (path string, css []byte) { return consolePath, []byte(consoleStyle) }

// LiveScript is the one script of the debtors' pages, which a few of them carry
// (see Live); its path changes with its bytes.
func LiveScript() (path string, js []byte) { return livePath, []byte(live) }

// ConsoleScript is the one script of the consoles: it shows progress, and does
// what LiveScript does; its path changes with its bytes.
func ConsoleScript() (path string, js []byte) { return scriptPath, []byte(script) }

func joined(names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(mustRead("css/" + name + ".css"))
	}
	return squeeze(b.String())
}

// mustRead reads an embedded file: part of the program, found or never built.
func mustRead(name string) string {
	data, err := static.Files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	return string(data)
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	blanks   = regexp.MustCompile(`\s+`)
	around   = regexp.MustCompile(`\s*([{};,>])\s*`)
	colons   = regexp.MustCompile(`([\w-]): `)
)

// squeeze leaves out comments and space that carry no meaning. It knows only
// the plain CSS written here: no strings that hold braces.
func squeeze(css string) string {
	css = comments.ReplaceAllString(css, "")
	css = blanks.ReplaceAllString(css, " ")
	css = around.ReplaceAllString(css, "$1")
	css = colons.ReplaceAllString(css, "$1:")
	return strings.ReplaceAll(strings.TrimSpace(css), ";}", "}")
}

// bare leaves a script's lines of comment and its indents out. It knows only the
// plain scripts written here: no text of theirs goes over several lines.
func bare(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
