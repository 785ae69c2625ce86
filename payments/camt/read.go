package camt

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// The versions that are read.
const (
	versionFirst = 2
	versionLast  = 13
)

// Read reads a whole message. It fails with a *FileError where nothing of the
// file may be taken.
func Read(r io.Reader) (*Message, error) {
	g, err := newGuard(r)
	if err != nil {
		return nil, err
	}
	rd := &reader{guard: g, decoder: xml.NewTokenDecoder(g)}
	m, err := rd.message()
	if err != nil {
		return nil, rd.refuse(err)
	}
	for _, s := range m.Statements {
		s.judge()
	}
	return m, nil
}

type reader struct {
	guard   *guard
	decoder *xml.Decoder
}

// refuse gives the decoder's own complaints a reason: those of the guard have
// one.
func (rd *reader) refuse(err error) error {
	var refused *FileError
	if errors.As(err, &refused) {
		if refused.Line == 0 && (refused.Code == TextTooLong || refused.Code == TooLarge) {
			refused.Line = rd.guard.line()
		}
		return refused
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return &FileError{Code: CutOff, Line: rd.guard.line(), Err: err}
		}
		return &FileError{Code: Malformed, Line: rd.guard.line(), Err: err}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FileError{Code: CutOff, Line: rd.guard.line(), Err: err}
	}
	return err
}

// message finds the one message of the file, alone or in a bank's envelope, and
// reads on to the file's end: what is cut off behind it counts too.
func (rd *reader) message() (*Message, error) {
	var m *Message
	root := ""
	for {
		t, err := rd.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			root = start.Name.Local
		}
		if start.Name.Local != "Document" {
			continue
		}
		if m != nil {
			return nil, &FileError{Code: SeveralMessages, Line: rd.guard.line()}
		}
		if m, err = rd.document(start); err != nil {
			return nil, err
		}
	}
	if m == nil {
		return nil, &FileError{Code: NotISO20022, What: root}
	}
	return m, nil
}

// named finds a message's name in its namespace, whatever a bank puts around it.
var named = regexp.MustCompile(`\b([a-z]{4}\.\d{3}\.\d{3})\.(\d{2})\b`)

// others are messages that are sent instead of a statement, in words.
var others = map[string]said{
	"pain.001": {"a payment order (pain.001)", "un ordre de paiement (pain.001)"},
	"pain.002": {"the status of a payment order (pain.002)", "l’état d’un ordre de paiement (pain.002)"},
	"pain.008": {"a direct debit order (pain.008)", "un ordre de prélèvement (pain.008)"},
	"camt.056": {"a request to cancel (camt.056)", "une demande d’annulation (camt.056)"},
	"camt.029": {"an answer to an inquiry (camt.029)", "la réponse à une enquête (camt.029)"},
	"camt.086": {"a bank's invoice (camt.086)", "une facture de la banque (camt.086)"},
	"pacs.008": {"an interbank payment (pacs.008)", "un paiement entre banques (pacs.008)"},
	"pacs.004": {"an interbank return (pacs.004)", "un retour entre banques (pacs.004)"},
}

func (rd *reader) document(start xml.StartElement) (*Message, error) {
	found := named.FindStringSubmatch(start.Name.Space)
	if found == nil {
		what := start.Name.Space
		if what == "" {
			what = "Document without a namespace"
		}
		return nil, &FileError{Code: NotISO20022, Line: rd.guard.line(), What: what}
	}
	kind, version := found[1][:len(Statement053)], int(found[2][0]-'0')*10+int(found[2][1]-'0')
	m := &Message{Name: found[0]}
	var body, part string
	switch kind {
	case Statement053:
		body, part = "BkToCstmrStmt", "Stmt"
	case Notice054:
		body, part = "BkToCstmrDbtCdtNtfctn", "Ntfctn"
	case "camt.052":
		return nil, &FileError{Code: DayReport, What: kind}
	default:
		return nil, &FileError{Code: OtherMessage, What: kind}
	}
	if found[1] != kind+".001" || version < versionFirst || version > versionLast {
		return nil, &FileError{Code: UnknownVersion, What: m.Name}
	}
	seen := false
	err := rd.children(func(child xml.StartElement) error {
		if child.Name.Local != body || seen {
			return &FileError{Code: Malformed, Line: rd.guard.line(), Err: fmt.Errorf("%s in %s", child.Name.Local, m.Name)}
		}
		seen = true
		return rd.children(func(child xml.StartElement) error {
			switch child.Name.Local {
			case "GrpHdr":
				var header struct {
					ID string `xml:"MsgId"`
				}
				err := rd.decoder.DecodeElement(&header, &child)
				m.ID = clean(header.ID)
				return err
			case part:
				s, err := rd.statement(len(m.Statements) + 1)
				m.Statements = append(m.Statements, s)
				return err
			}
			return rd.decoder.Skip()
		})
	})
	if err == nil && !seen {
		err = &FileError{Code: Malformed, Line: rd.guard.line(), Err: fmt.Errorf("%s without %s", m.Name, body)}
	}
	return m, err
}

// children calls each for every child of the element that was begun, up to its
// end. Each reads its child whole.
func (rd *reader) children(each func(xml.StartElement) error) error {
	for {
		t, err := rd.decoder.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := each(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (rd *reader) statement(number int) (*Statement, error) {
	s := &Statement{Number: number}
	var balances []balanceElement
	line := rd.guard.line()
	err := rd.children(func(child xml.StartElement) (err error) {
		at := rd.guard.line()
		switch child.Name.Local {
		case "Id":
			return rd.text(child, &s.ID)
		case "ElctrncSeqNb":
			return rd.text(child, &s.Sequence)
		case "Acct":
			var a accountElement
			if err := rd.decoder.DecodeElement(&a, &child); err != nil {
				return err
			}
			if s.Account = strings.ToUpper(compact(a.IBAN)); s.Account == "" {
				s.Account = clean(a.Other)
			}
			s.Currency = clean(a.Currency)
		case "Bal":
			var b balanceElement
			if err := rd.decoder.DecodeElement(&b, &child); err != nil {
				return err
			}
			balances = append(balances, b)
			return checkBalance(b, at)
		case "TxsSummry":
			var sums summaryElement
			if err := rd.decoder.DecodeElement(&sums, &child); err != nil {
				return err
			}
			s.summarise(sums)
		case "Ntry":
			var e entryElement
			if err := rd.decoder.DecodeElement(&e, &child); err != nil {
				return err
			}
			entry, err := e.entry(len(s.Entries)+1, at)
			if err != nil {
				return err
			}
			s.Entries = append(s.Entries, entry)
		default:
			return rd.decoder.Skip()
		}
		return nil
	})
	if err == nil && s.Account == "" {
		err = &FileError{Code: NoAccount, Line: line}
	}
	s.Opening, s.Closing = balanceOf(balances, "OPBD", "PRCD"), balanceOf(balances, "CLBD")
	return s, err
}

func (rd *reader) text(start xml.StartElement, into *string) error {
	var text string
	err := rd.decoder.DecodeElement(&text, &start)
	*into = clean(text)
	return err
}

func checkBalance(b balanceElement, line int) error {
	if _, err := readAmount(b.Amount, line); err != nil {
		return err
	}
	_, err := readDirection(b.Direction, line)
	return err
}

// balanceOf is the first balance of the first of these kinds that is there.
func balanceOf(balances []balanceElement, codes ...string) *Balance {
	for _, code := range codes {
		for _, b := range balances {
			if clean(b.Code) == code {
				return &Balance{
					Amount: Decimal(strings.TrimSpace(b.Amount.Text)), Currency: b.Amount.Currency, Negative: clean(b.Direction) == "DBIT", On: clean(b.On.Date + b.On.Time),
				}
			}
		}
	}
	return nil
}

func (e *entryElement) entry(number, line int) (*Entry, error) {
	entry := &Entry{
		Number: number, Reference: clean(e.Reference), Currency: e.Amount.Currency, Reversal: clean(e.Reversal), BankRef: clean(e.BankRef),
		Additional: clean(e.Additional), Line: line,
	}
	var err error
	if entry.Amount, err = readAmount(e.Amount, line); err != nil {
		return nil, err
	}
	if entry.Credit, err = readDirection(e.Direction, line); err != nil {
		return nil, err
	}
	for _, word := range []string{e.Status.Code, e.Status.Text, e.Status.Proprietary} {
		if entry.Status == "" {
			entry.Status = clean(word)
		}
	}
	if entry.Status == "" {
		return nil, &FileError{Code: StatusMissing, Line: line}
	}
	if entry.BookedOn, err = readDate(e.Booked, line); err != nil {
		return nil, err
	}
	if entry.ValueOn, err = readDate(e.Value, line); err != nil {
		return nil, err
	}
	if c := e.Code; c.Domain != "" {
		entry.Code = strings.Trim(clean(c.Domain)+"/"+clean(c.Family)+"/"+clean(c.SubFamily), "/")
	}
	if err := entry.charge(e.Charges, line); err != nil {
		return nil, err
	}
	for i := range e.Details {
		t, err := e.Details[i].transaction(i+1, line)
		if err != nil {
			return nil, err
		}
		entry.Details = append(entry.Details, t)
	}
	return entry, nil
}

// charge reads what the bank kept back: one amount until version 02, records
// after it.
func (e *Entry) charge(charges []chargesElement, line int) error {
	var all decimalSum
	for _, c := range charges {
		records := c.Records
		if c.Amount.Text != "" {
			records = append(records, c.chargeElement)
		}
		for _, r := range records {
			amount, err := readAmount(r.Amount, line)
			if err != nil {
				return err
			}
			given := clean(r.Direction) == "CRDT"
			all.add(amount, given)
			e.charged.add(amount, given)
		}
		if len(records) == 0 && c.Total.Text != "" {
			amount, err := readAmount(c.Total, line)
			if err != nil {
				return err
			}
			all.add(amount, false)
			e.charged.add(amount, false)
		}
	}
	if all.units.Sign() != 0 {
		e.Charges = Decimal(all.String())
	}
	return nil
}

func (d *txDetailElement) transaction(number, line int) (*Transaction, error) {
	t := &Transaction{
		Number: number, EndToEndID: clean(d.EndToEndID), InstructionID: clean(d.InstructionID), TransactionID: clean(d.TransactionID), UETR: clean(d.UETR),
		MandateID: clean(d.MandateID), BankRef: clean(d.BankRef), Direction: clean(d.Direction),
		Debtor: party(d.Parties.Debtor, d.Parties.DebtorAccount), UltimateDebtor: d.Parties.UltimateDebtor.name(),
		Creditor: party(d.Parties.Creditor, d.Parties.CreditorAccount), ReturnReason: clean(d.Return.Reason.Code), Additional: clean(d.Additional),
	}
	if t.ReturnReason == "" {
		t.ReturnReason = clean(d.Return.Reason.Proprietary)
	}
	for _, from := range []struct {
		name   string
		amount *amountElement
	}{{"Amt", d.Amount}, {"TxAmt", d.TxAmount}} {
		if from.amount == nil {
			continue
		}
		amount, err := readAmount(*from.amount, line)
		if err != nil {
			return nil, err
		}
		if t.Amount == "" {
			t.Amount, t.AmountFrom, t.Currency = amount, from.name, from.amount.Currency
		}
	}
	for _, s := range d.Structured {
		if reference := clean(s.Reference); reference != "" {
			t.Structured = append(t.Structured, reference)
		}
	}
	for _, text := range d.Unstructured {
		if text = clean(text); text != "" {
			t.Unstructured = append(t.Unstructured, text)
		}
	}
	return t, nil
}

func party(p partyElement, a accountElement) Party {
	return Party{Name: p.name(), IBAN: strings.ToUpper(compact(a.IBAN)), Other: clean(a.Other)}
}

func readAmount(a amountElement, line int) (Decimal, error) {
	amount, ok := parseDecimal(a.Text)
	if !ok {
		return "", &FileError{Code: AmountWrong, Line: line, What: strings.TrimSpace(a.Text)}
	}
	if len(a.Currency) != 3 || strings.Trim(a.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", &FileError{Code: CurrencyWrong, Line: line, What: a.Currency}
	}
	return amount, nil
}

func readDirection(text string, line int) (credit bool, err error) {
	switch text = clean(text); text {
	case "CRDT":
		return true, nil
	case "DBIT":
		return false, nil
	}
	return false, &FileError{Code: DirectionWrong, Line: line, What: text}
}

// readDate takes the day as it is written: an instant's day is that of its own
// zone, the bank's.
func readDate(d dateElement, line int) (string, error) {
	text := clean(d.Date)
	if text == "" {
		text = clean(d.Time)
	}
	if text == "" {
		return "", nil
	}
	if len(text) < len(time.DateOnly) {
		return "", &FileError{Code: DateWrong, Line: line, What: text}
	}
	if _, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)]); err != nil {
		return "", &FileError{Code: DateWrong, Line: line, What: text}
	}
	return text[:len(time.DateOnly)], nil
}

// clean takes away the blanks around a text; inside, a line break is a blank.
func clean(text string) string {
	if text = strings.TrimSpace(text); strings.ContainsAny(text, "\r\n\t") {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text
}

func compact(text string) string { return strings.Join(strings.Fields(text), "") }
