package sandbox

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

//go:embed pages
var pageFiles embed.FS

var (
	pageStyle = mustRead("pages/style.css")
	// styleHash lets the one style of the pages through their own policy.
	styleHash = hashed(pageStyle)
	templates = template.Must(template.New("pages").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(pageStyle) },
		"part":  part,
		"pair":  func(page, offer any) map[string]any { return map[string]any{"page": page, "offer": offer} },
		"button": func(path, name, value, text string) map[string]string {
			return map[string]string{"path": path, "name": name, "value": value, "text": text}
		},
	}).ParseFS(pageFiles, "pages/*.html"))
)

func mustRead(name string) string {
	body, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // the file is part of the binary, or it would not have been built
	}
	return string(body)
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// problem is an entry to correct: which field, and why.
type problem struct {
	Field string // empty: of the page as a whole
	Text  string
}

// sheet is what every page of the sandbox has.
type sheet struct {
	Lang     string // fr or en
	Title    string
	Wide     bool
	Problems []problem
}

// T says a phrase in the page's language.
func (s sheet) T(key string, args ...any) string { return say(s.Lang, key, args...) }

// Why returns what is wrong with a field.
func (s sheet) Why(field string) string {
	for _, p := range s.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// part is what the label of one field needs: its hint and what is wrong with it.
func part(page interface {
	T(string, ...any) string
	Why(string) string
}, name, hint string) map[string]string {
	said := map[string]string{"name": name, "hint": "", "why": page.Why(name)}
	if hint != "" {
		said["hint"] = page.T(hint)
	}
	return said
}

// show writes a page. What cannot be written is a defect of ours, told plainly.
func show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "the sandbox could not write this page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a visitor who has gone away is their own affair
}

// messagePage says one thing and, where there is one, the way on.
type messagePage struct {
	sheet
	Text, WayOn string
}

// showMessage shows the phrases <key>.title and <key>.text.
func showMessage(w http.ResponseWriter, r *http.Request, status int, key, wayOn string) {
	lang := languageOf(r, "")
	show(w, status, "message.html", messagePage{
		sheet: sheet{Lang: lang, Title: say(lang, key+".title")}, Text: say(lang, key+".text"), WayOn: wayOn})
}

var spoken = language.NewMatcher([]language.Tag{language.English, language.French})

// languageOf chooses the language of a page: what the page was opened for, or
// what the visitor's browser asks for.
func languageOf(r *http.Request, locale string) string {
	locale, _, _ = strings.Cut(strings.ToLower(locale), "-")
	if slices.Contains([]string{"fr", "en"}, locale) {
		return locale
	}
	if locale != "" && locale != "auto" {
		return "en"
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return "en"
	}
	if _, index, sure := spoken.Match(wanted...); sure >= language.High && index == 1 {
		return "fr"
	}
	return "en"
}
