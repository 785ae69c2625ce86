package documents

import (
	"fmt"
	"strings"

	"amiable/negotiation/banking"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// FirstLetter is the letter that opens a case by law (CPCE R124-4). Made by
// PDF, it holds every mandatory mention or is not made at all.
type FirstLetter struct {
	Reference     string
	Date          day.Day // the day it is sent; every later contact quotes both
	CaseReference string

	Agency    Identity // the collector: name, seat, phone are mandatory
	Collector string   // third_party, in_house or regulated
	AgentName string   // who signs, and answers
	Creditor  Identity
	MandateOn day.Day // the day of the written mandate
	Debtor    Identity
	Consumer  bool   // the debtor is no business: no fixed indemnity is ever owed
	Greeting  string // "Mme Vasseur"; may be empty

	Owed Owed
	Ways Ways
	Data DataNotice
}

// Ways are how to pay, and how to answer. The page with its code is always one;
// the others are shown where they are given.
type Ways struct {
	Address  string // of the portal as it is typed: "portail.accord.example"
	Code     string // ten characters; shown in groups
	QR       string // the address behind the QR code
	Transfer *Transfer
	ChequeTo string // payable to whom; sent to the agency
}

// Transfer is where a transfer goes. Holder is the exact name of the account's
// holder: the payer's bank compares it. Amount is what the code beside it fills
// in.
type Transfer struct {
	Holder, IBAN, BIC, Reference string
	Amount                       money.Amount
}

// QR is what the code of the transfer holds.
func (t *Transfer) QR() (string, error) {
	return banking.Transfer{Holder: t.Holder, IBAN: t.IBAN, BIC: t.BIC, Cents: t.Amount.Minor, Reference: t.Reference}.QR()
}

// DataNotice is what GDPR art. 14 wants told at the first contact.
type DataNotice struct {
	Contact   string // who answers about data: an address or mail
	Retention string // how long, in a sentence of the agency's; may be empty
	URL       string // the whole notice; may be empty
}

// check wants every mention of the law, and nothing that it forbids.
func (f *FirstLetter) check() error {
	const name = "first letter"
	err := complete(name, append([]mention{
		{"reference", "CPCE R124-4", filled(f.Reference)},
		{"date", "CPCE R124-4", !f.Date.IsZero()},
		{"collector's name", "CPCE R124-4, 1°", filled(f.Agency.Name)},
		{"collector's address", "CPCE R124-4, 1°", f.Agency.hasAddress()},
		{"collector's activity", "CPCE R124-4, 1°", f.Collector == "third_party" || f.Collector == "in_house" || f.Collector == "regulated"},
		{"collector's phone", "", filled(f.Agency.Phone)},
		{"name of who signs", "", filled(f.AgentName)},
		{"creditor's name", "CPCE R124-4, 2°", filled(f.Creditor.Name)},
		{"creditor's address", "CPCE R124-4, 2°", f.Creditor.hasAddress()},
		{"day of the mandate", "CPCE R124-3", f.Collector != "third_party" || !f.MandateOn.IsZero()},
		{"debtor's name", "", filled(f.Debtor.Name)},
		{"debtor's address", "", f.Debtor.hasAddress()},
		{"amount", "CPCE R124-4, 3°", f.Owed.Total.IsPositive()},
		{"day until which the sum is good", "", !f.Owed.GoodUntil.IsZero()},
		{"way to pay", "CPCE R124-4, 4°", filled(f.Ways.Address, f.Ways.Code, f.Ways.QR)},
		{"transfer's holder, IBAN and reference", "CPCE R124-4, 4°", f.Ways.Transfer == nil ||
			filled(f.Ways.Transfer.Holder, f.Ways.Transfer.IBAN, f.Ways.Transfer.Reference)},
		{"text of L111-8", "CPCE R124-4, 5°", len(L1118.Paragraphs) == 2},
		{"data-protection contact", "GDPR art. 14", filled(f.Data.Contact)},
	}, f.Owed.mentions()...))
	if err != nil {
		return err
	}
	if f.Consumer && !f.Owed.Indemnity.IsZero() {
		return fmt.Errorf("%s: a fixed indemnity is never asked of a consumer (C. com. L441-10, CPCE L111-8)", name)
	}
	return f.Owed.check(name)
}

// PDF draws the letter for an envelope with a window. It fails with
// *MissingError where a mention is empty.
func (f FirstLetter) PDF(l locale.Language) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.letter.title", "reference", f.Reference), subject: l.T("paper.letter.subject", "agency", f.Agency.Name),
		author: f.Agency.Name, at: noon(f.Date),
	})
	if err := f.draw(s); err != nil {
		return nil, err
	}
	return s.bytes("first letter " + f.Reference)
}

func (f FirstLetter) draw(s *sheet) error {
	s.foot = s.footOf(Identity{Name: f.Agency.Name}, f.CaseReference) + " · " + s.t("letter.foot", "reference", f.Reference)
	if err := s.letterhead(f); err != nil {
		return err
	}
	s.opening(f)
	if err := s.ways(f); err != nil {
		return err
	}
	s.disagree(f)
	s.farewell(f)
	s.heading(s.t("letter.detail"))
	s.text(s.t("letter.detail.lead", "day", f.Owed.On))
	s.owed(f.Owed)
	s.second(s.t("owed.arithmetic"))
	s.law()
	s.data(f)
	return nil
}

// letterhead writes sender, recipient, references and the way in: all that is
// above the text.
func (s *sheet) letterhead(f FirstLetter) error {
	const column = windowLeft - leftEdge - 8
	s.paragraphIn(plain(f.Agency.Name), faceHeading, leftEdge, column)
	s.paragraphIn(s.t("letter.activity."+f.Collector), faceSecond, leftEdge, column)
	for _, l := range s.senderLines(f.Agency) {
		s.paragraphIn(l, faceSecond, leftEdge, column)
	}
	if err := s.recipient(f.Debtor); err != nil {
		return err
	}
	s.folds()
	s.y = max(s.y+4, windowBottom+windowSlide+4)
	top := s.y
	const factWidth = 78
	for _, item := range []fact{
		{s.t("letter.reference"), plain(f.Reference)},
		{s.t("letter.date"), s.l.Day(f.Date)},
		{s.t("case"), plain(f.CaseReference)},
		{s.t("receipt.creditor"), plain(f.Creditor.Name)},
	} {
		if item.value == "" {
			continue
		}
		s.paragraphIn(item.label, faceSecond, leftEdge, factWidth)
		s.paragraphIn(item.value, faceText, leftEdge, factWidth)
		s.gap(0.8)
	}
	left := s.y
	if err := s.wayIn(f.Ways, top); err != nil {
		return err
	}
	s.y = max(s.y, left) + 5
	return nil
}

// wayIn shows address, code and QR code under the recipient's address, where
// the link page says they are.
func (s *sheet) wayIn(w Ways, top float64) error {
	const side, x = 30.0, windowLeft + windowInset
	width := rightEdge - x - side - 2
	s.y = top
	s.paragraphIn(s.t("letter.code"), faceSecond, x, width)
	s.paragraphIn("**"+grouped(plain(w.Code), 5)+"**", faceCode, x, width)
	s.gap(0.6)
	s.paragraphIn(s.t("letter.code.where", "address", w.Address), faceSecond, x, width)
	s.pdf.LinkString(x, top, rightEdge-x, side, w.QR)
	if err := s.qr(w.QR, rightEdge-side+3, top-3, side); err != nil {
		return err
	}
	s.y = max(s.y, top+side-4)
	return nil
}

// opening says who writes for whom, what for, and how much.
func (s *sheet) opening(f FirstLetter) {
	s.title(s.t("letter.about", "n", len(f.Owed.Claims), "creditor", f.Creditor.Name, "number", f.Owed.Claims[0].Invoice))
	if f.Greeting != "" {
		s.text(s.t("letter.hello.name", "name", f.Greeting))
	} else {
		s.text(s.t("letter.hello"))
	}
	s.text(s.t("letter.who."+f.Collector, "agency", f.Agency.Name, "creditor", f.Creditor.oneLine(), "day", f.MandateOn))
	s.text(s.t("letter.why", "n", len(f.Owed.Claims), "creditor", f.Creditor.Name, "day", f.Owed.On))
	s.gap(1)
	s.sum(s.t("left"), s.l.Amount(f.Owed.Total), s.goodUntil(f.Owed))
	s.totals(f.Owed, f.Creditor)
}

// waysHeight keeps the request with the first ways to meet it.
const waysHeight = 45

// ways says that the sum is to be paid, and how.
func (s *sheet) ways(f FirstLetter) error {
	s.need(waysHeight)
	s.heading(s.t("letter.pay"))
	s.text(s.t("letter.pay.ask", "sum", f.Owed.Total, "creditor", f.Creditor.Name))
	ways := []string{s.t("letter.pay.page", "address", f.Ways.Address, "code", grouped(f.Ways.Code, 5))}
	if t := f.Ways.Transfer; t != nil {
		text := s.t("letter.pay.transfer", "holder", t.Holder, "iban", grouped(t.IBAN, 4), "reference", grouped(t.Reference, 4))
		if t.BIC != "" {
			text += " " + s.t("letter.pay.bic", "bic", t.BIC)
		}
		ways = append(ways, text)
	}
	if f.Ways.ChequeTo != "" {
		ways = append(ways, s.t("letter.pay.cheque", "payee", f.Ways.ChequeTo, "reference", f.Reference))
	}
	ways = append(ways, s.t("letter.pay.other", "phone", s.l.Phone(f.Agency.Phone)))
	s.items(ways...)
	if f.Ways.Transfer == nil {
		return nil
	}
	return s.transferCode(f.Ways.Transfer, f.Owed)
}

// transferCode draws the code that fills the transfer in; what it holds stands
// in words above and beside it.
func (s *sheet) transferCode(t *Transfer, owed Owed) error {
	const side, gap = 30.0, 4.0
	content, err := t.QR()
	if err != nil {
		return err
	}
	s.need(side)
	top, x := s.y, leftEdge+side+gap
	if err := s.qr(content, leftEdge, top, side); err != nil {
		return err
	}
	s.y += gap
	s.paragraphIn(s.t("letter.pay.code"), faceText, x, rightEdge-x)
	s.gap(0.8)
	s.paragraphIn(s.t("letter.pay.code.holds", "sum", t.Amount, "day", owed.GoodUntil), faceSecond, x, rightEdge-x)
	s.y = max(s.y, top+side) + 1
	return nil
}

// disagree says how to contest, and that it costs nothing.
func (s *sheet) disagree(f FirstLetter) {
	s.heading(s.t("letter.contest"))
	s.text(s.t("letter.contest.lead"))
	s.items(
		s.t("letter.contest.page", "address", f.Ways.Address),
		s.t("letter.contest.reach", "reach", s.reach(f.Agency)),
		s.t("letter.contest.post", "address", f.Agency.oneLine(), "reference", f.Reference),
	)
	if f.Consumer {
		s.text(s.t("letter.help"))
	}
}

func (s *sheet) farewell(f FirstLetter) {
	s.text(s.t("letter.real", "phone", s.l.Phone(f.Agency.Phone), "address", f.Ways.Address))
	s.need(3 * faceText.leading)
	s.gap(1)
	s.paragraph(plain(f.AgentName), faceText)
	s.second(s.t("letter.agent", "agency", f.Agency.Name))
}

// lawHeight holds the text of law on one page.
const lawHeight = 62

// law reproduces the text of law, in French in every language.
func (s *sheet) law() {
	s.need(lawHeight)
	s.heading(s.t("letter.law"))
	s.text(s.t("letter.law.lead"))
	for _, p := range L1118.Paragraphs {
		s.need(4 * faceText.leading)
		s.paragraphIn(p, faceText, leftEdge+4.5, rightEdge-leftEdge-9)
		s.gap(1.7)
	}
	s.second(s.t("letter.law.plain"))
}

// data is the notice of GDPR art. 14.
func (s *sheet) data(f FirstLetter) {
	s.heading(s.t("letter.data"))
	texts := []string{
		s.t("letter.data.source", "creditor", f.Creditor.Name, "agency", f.Agency.Name),
		s.t("letter.data.why", "creditor", f.Creditor.Name),
	}
	if strings.TrimSpace(f.Data.Retention) != "" {
		texts = append(texts, plain(f.Data.Retention))
	}
	texts = append(texts, s.t("letter.data.rights", "contact", f.Data.Contact))
	notice := strings.Join(texts, " ")
	if f.Data.URL != "" {
		notice += "\n" + s.t("letter.data.more", "url", f.Data.URL)
	}
	s.paragraph(notice, faceSecond)
}
