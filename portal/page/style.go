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
	script       = mustRead("js/console.js")
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

// ConsoleScript is the one script of the consoles, which only shows progress;
// its path changes with its bytes.
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

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
