package outreach

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/views/letters"
)

// kinds are all the letters there are texts for.
var kinds = []negotiation.LetterKind{
	negotiation.LetterLink, negotiation.LetterCode, negotiation.LetterReceipt, negotiation.LetterPaymentFailed,
	negotiation.LetterCleared, negotiation.LetterPaymentNotice, negotiation.LetterOverpayment, negotiation.LetterNotMe,
	negotiation.LetterWish, negotiation.LetterLinkLocked, negotiation.LetterAccountProblem, negotiation.LetterInvitation,
	negotiation.LetterReset, negotiation.LetterSecurity, negotiation.LetterFirst, negotiation.LetterCodeAlarm, negotiation.LetterLimitation, negotiation.LetterAdviser,
	negotiation.LetterOffer, negotiation.LetterOfferReminder, negotiation.LetterOfferToAgency, negotiation.LetterCounterOffer,
	negotiation.LetterOfferEnded, negotiation.LetterOfferRenewed, negotiation.LetterPlanAgreed, negotiation.LetterPlanChanged,
	negotiation.LetterPlanCompleted, negotiation.LetterPlanEnded, negotiation.LetterInstalmentSoon, negotiation.LetterMissed,
	negotiation.LetterPlanMissed, negotiation.LetterPauseEnds, negotiation.LetterPause, negotiation.LetterHardship, negotiation.LetterSituation, negotiation.LetterSituationTold,
	negotiation.LetterDispute, negotiation.LetterDisputeReminder, negotiation.LetterDisputeReceived, negotiation.LetterDisputeAnswered,
	negotiation.LetterDisputeNews, negotiation.LetterDisputeToAgency, negotiation.LetterDisputeOutcome,
	negotiation.LetterChargeDeclined, negotiation.LetterAuthorityGiven, negotiation.LetterAuthorityEnded, negotiation.LetterCardExpires,
	negotiation.LetterRefundMade, negotiation.LetterRefundFailed, negotiation.LetterRefundNotice, negotiation.LetterRefundToAgency,
	negotiation.LetterChargeback, negotiation.LetterChargebackWon, negotiation.LetterChargebackNotice, negotiation.LetterChargebackDue,
	negotiation.LetterLowered, negotiation.LetterWithdrawn,
	negotiation.LetterMessage, negotiation.LetterMessageToAgency, negotiation.LetterPayoutFailed, negotiation.LetterDigest,
}

// texts holds every text, per version.
type texts map[string]*edition

// edition is one version of all texts.
type edition struct {
	byKind map[locale.Language]map[negotiation.LetterKind]*template.Template
	frame  *htmltemplate.Template
}

// written is a letter as it is read.
type written struct {
	Language                locale.Language
	Subject, Preview, Title string
	Text, HTML              string
	Agency                  agency
	Blocks                  []block
	Foot                    []string
}

// readTexts parses every text of every version, once: they are built in.
var readTexts = sync.OnceValues(func() (texts, error) {
	versions, err := fs.ReadDir(letters.Files, ".")
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	all := texts{}
	for _, version := range versions {
		e := &edition{byKind: map[locale.Language]map[negotiation.LetterKind]*template.Template{}}
		if e.frame, err = htmltemplate.ParseFS(letters.Files, path.Join(version.Name(), "frame.html")); err != nil {
			return nil, fmt.Errorf("letters: %w", err)
		}
		for _, l := range locale.Languages {
			e.byKind[l] = map[negotiation.LetterKind]*template.Template{}
			for _, kind := range kinds {
				t := template.New(string(kind)).Option("missingkey=error").Funcs(words(l))
				for _, name := range []string{"common", string(kind)} {
					text, err := fs.ReadFile(letters.Files, path.Join(version.Name(), string(l), name+".txt"))
					if err != nil {
						return nil, fmt.Errorf("letters: %w", err)
					}
					if _, err := t.Parse(typeset(l, string(text))); err != nil {
						return nil, fmt.Errorf("letters %s %s: %w", version.Name(), l, err)
					}
				}
				e.byKind[l][kind] = t
			}
		}
		all[version.Name()] = e
	}
	return all, nil
})

var action = regexp.MustCompile(`(?s){{.*?}}`)

// typeset sets the fine spaces and quotes of a text, and leaves what stands
// between double braces alone.
func typeset(l locale.Language, text string) string {
	var actions []string
	text = action.ReplaceAllStringFunc(text, func(a string) string {
		actions = append(actions, a)
		return "{" + strconv.Itoa(len(actions)-1) + "}"
	})
	return placed.ReplaceAllStringFunc(l.Typeset(text), func(mark string) string {
		n, err := strconv.Atoi(mark[1 : len(mark)-1])
		if err != nil || n >= len(actions) {
			return mark
		}
		return actions[n]
	})
}

var placed = regexp.MustCompile(`{\d+}`)

// words are what the texts can call, in one language.
func words(l locale.Language) template.FuncMap {
	return template.FuncMap{
		"date":   func(d day.Day) string { return l.Date(d) },
		"amount": func(a money.Amount) string { return l.Amount(a) },
		"phone":  func(number string) string { return l.Phone(number) },
	}
}

// write fills the text of a letter in its language and version.
func (t texts) write(l *negotiation.Letter, c *content) (written, error) {
	e, found := t[l.TextVersion]
	if !found {
		return written{}, unwritten(ProblemUnknownText)
	}
	language := locale.Language(l.Language).Or()
	text, found := e.byKind[language][l.Kind]
	if !found {
		return written{}, unwritten(ProblemUnknownKind)
	}
	w := written{Language: language, Agency: c.Agency, Foot: foot(l, language, c)}
	var body string
	for name, into := range map[string]*string{"subject": &w.Subject, "preview": &w.Preview, "title": &w.Title, "body": &body} {
		if text.Lookup(name) == nil && name == "title" {
			continue
		}
		var out bytes.Buffer
		if err := text.ExecuteTemplate(&out, name, c); err != nil {
			return written{}, &unwrittenError{ProblemText, err}
		}
		*into = out.String()
	}
	w.Subject, w.Preview, w.Title = line(w.Subject), line(w.Preview), line(w.Title)
	if w.Title == "" {
		w.Title = w.Subject
	}
	w.Blocks = parse(body)
	w.Text = plainText(w)
	var out bytes.Buffer
	if err := e.frame.Execute(&out, w); err != nil {
		return written{}, &unwrittenError{ProblemText, err}
	}
	w.HTML = out.String()
	return w, nil
}

// foot is who writes, with address and phone; a debtor's letter is signed.
func foot(l *negotiation.Letter, language locale.Language, c *content) []string {
	var lines []string
	if quotes(l) && c.AgentName != c.Agency.Name {
		lines = append(lines, c.AgentName)
	}
	lines = append(lines, strings.Trim(c.Agency.Name+", "+c.Agency.Address, ", "))
	if c.Agency.Phone != "" {
		lines = append(lines, strings.Trim(language.Phone(c.Agency.Phone)+" · "+c.Agency.Hours, " ·"))
	}
	return lines
}
