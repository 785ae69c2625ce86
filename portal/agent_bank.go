package portal

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/payments"
	"amiable/payments/camt"
	"amiable/portal/page"
)

const (
	bankPath      = "/agent/bank"
	bankFilesPath = bankPath + "/files"
	bankShown     = 200 // entries on a page; a file may hold more
)

func (s *Server) bankRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, bankPath, Agents, s.showBank},
		{post, bankFilesPath, Agents, s.createBankFile},
		{get, bankFilesPath + "/:import", Agents, s.showBankFile},
		{post, bankFilesPath + "/:import/booking", Agents, s.bookBankFile},
		{get, bankPath + "/entries/:entry", Agents, s.showBankEntry},
		{post, bankPath + "/entries/:entry/match", Agents, s.matchBankEntry},
		{post, bankPath + "/entries/:entry/release", Agents, s.releaseBankEntry},
		{post, bankPath + "/entries/:entry/explanation", Agents, s.explainBankEntry},
		{post, bankPath + "/entries/:entry/division", Agents, s.divideBankEntry},
		{get, "/agent/accounts", Administrator, s.showBankAccounts},
		{post, "/agent/accounts", Administrator, s.createBankAccount},
		{post, "/agent/accounts/:account/end", Administrator, s.closeBankAccount},
		{post, "/agent/accounts/mandates/:mandate", Administrator, s.setWaysToPay},
	}
}

func (s *Server) showBank(c echo.Context) error { return s.answerBank(c, http.StatusOK, page.Form{}) }

func (s *Server) answerBank(c echo.Context, status int, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.Bank{StaffBase: s.staffBase(c, "bank"), MaxBytes: uploadBytesMax, Form: form}
	waiting, err := s.payments.Unidentified(ctx)
	if err != nil {
		return err
	}
	p.In, p.Out, p.Oldest = waiting.Credits, waiting.Debits, waiting.Oldest
	for _, f := range []struct {
		filter payments.EntryFilter
		into   *[]page.BankRow
	}{
		{payments.EntryFilter{State: payments.BankWaiting, Limit: bankShown}, &p.Waiting},
		{payments.EntryFilter{State: payments.BankMatched, Latest: true, Limit: listMax / 2}, &p.Recent},
	} {
		list, err := s.payments.BankEntries(ctx, by, f.filter)
		if err != nil {
			return err
		}
		for i := range list {
			*f.into = append(*f.into, bankRow(&list[i], today))
		}
	}
	files, err := s.payments.BankImports(ctx, by, listMax/2)
	if err != nil {
		return err
	}
	for _, f := range files {
		p.Files = append(p.Files, page.BankFileRow{URL: bankFilesPath + "/" + f.ID, At: f.CreatedAt, File: f.FileName, Added: int(f.Added), Known: int(f.Known), Booked: f.Booked()})
	}
	accounts, err := s.negotiation.BankAccounts(ctx)
	p.Accounts = len(accounts) > 0
	if err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

func bankRow(e *payments.ListedEntry, today negotiation.Day) page.BankRow {
	row := entryRow(&e.BankEntry, today)
	row.URL, row.Account = bankPath+"/entries/"+e.ID, e.AccountIBAN[max(0, len(e.AccountIBAN)-4):]
	if e.CaseID != nil {
		row.Case, row.CaseURL, row.Debtor = negotiation.GroupedReference(e.CaseReference), "/agent/cases/"+*e.CaseID, e.DebtorName
	}
	return row
}

func entryRow(e *payments.BankEntry, today negotiation.Day) page.BankRow {
	row := page.BankRow{
		On: e.BookedOn, AgeDays: e.AgeDays(today), Credit: e.Credit, Amount: e.Sum(), Party: e.PartyName, Says: e.Says(), Ref: e.Ref(),
		State: string(e.State), By: e.MatchedBy, What: string(e.Explanation),
	}
	if e.State == payments.BankWaiting {
		if row.Why = e.Reason; row.Why == "" {
			row.Why = "new"
		}
	}
	return row
}

// createBankFile reads a bank's file and keeps it, to be looked at before it is
// booked. What is no statement is refused by name, and nothing of it is kept.
func (s *Server) createBankFile(c echo.Context) error {
	ctx, form := c.Request().Context(), typed(c)
	header, err := c.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || (err == nil && header.Filename == ""):
		form.Add("file", "file_missing")
		return s.answerBank(c, http.StatusUnprocessableEntity, form)
	case err != nil:
		return err
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := io.ReadAll(file) // the form is bounded
	if err != nil {
		return err
	}
	m, err := camt.Read(bytes.NewReader(content))
	var refused *camt.FileError
	if errors.As(err, &refused) {
		form.Errors = append(form.Errors, page.FieldError{Field: "file", Text: sentenceCase(refused.Text(string(s.language(c))))})
		return s.answerBank(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	hash, err := s.Files.Put(ctx, header.Filename, "application/xml", content)
	if err != nil {
		return err
	}
	kept, err := s.payments.KeepBankFile(ctx, who(c).Actor, payments.BankFile{Name: header.Filename, Hash: hash, Message: m})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, bankFilesPath+"/"+kept.ID)
}

func sentenceCase(text string) string {
	for i, r := range text {
		return strings.ToUpper(string(r)) + text[i+len(string(r)):] + "."
	}
	return text
}

// bankFile reads a kept file again.
func (s *Server) bankFile(c echo.Context) (*payments.BankImport, payments.BankFile, error) {
	ctx := c.Request().Context()
	kept, err := s.payments.BankImport(ctx, who(c).Actor, c.Param("import"))
	if err != nil {
		return nil, payments.BankFile{}, err
	}
	f := payments.BankFile{Name: kept.FileName, Hash: kept.FileHash}
	if kept.Booked() {
		return kept, f, nil
	}
	_, _, content, err := s.Files.Get(ctx, kept.FileHash)
	if err != nil {
		return nil, f, err
	}
	f.Message, err = camt.Read(bytes.NewReader(content))
	return kept, f, err
}

func (s *Server) showBankFile(c echo.Context) error {
	return s.answerBankFile(c, http.StatusOK, page.Form{})
}

func (s *Server) answerBankFile(c echo.Context, status int, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	kept, f, err := s.bankFile(c)
	if err != nil {
		return err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	l := s.language(c)
	p := &page.BankFile{
		StaffBase: s.staffBase(c, "bank"), File: kept.FileName, At: kept.CreatedAt, Message: kept.Message, Booked: kept.Booked(),
		Added: int(kept.Added), Known: int(kept.Known), Pending: int(kept.Pending), Form: form,
	}
	for _, code := range strings.Fields(kept.Doubts) {
		p.Doubts = append(p.Doubts, camt.Doubt{Code: camt.Code(code)}.Text(string(l)))
	}
	if kept.Booked() {
		list, err := s.payments.BankEntries(ctx, by, payments.EntryFilter{ImportID: kept.ID, Limit: bankShown})
		if err != nil {
			return err
		}
		for i := range list {
			p.Rows = append(p.Rows, bankRow(&list[i], today))
		}
		return s.showConsole(c, status, p)
	}
	list, pending, err := s.payments.PreviewBankFile(ctx, by, f)
	if r := negotiation.AsRefusal(err); r != nil {
		p.Refused = words(l, r)
		return s.showConsole(c, status, p)
	}
	if err != nil {
		return err
	}
	p.Pending, p.Action = pending, bankFilesPath+"/"+kept.ID+"/booking"
	accounts, err := s.accountEnds(c)
	if err != nil {
		return err
	}
	for i := range list {
		row, err := s.previewRow(c, &list[i], today)
		if err != nil {
			return err
		}
		row.Account = accounts[list[i].AccountID]
		switch {
		case list[i].Known:
			p.Known++
		default:
			p.Added++
			if list[i].CaseID != "" {
				p.Matching++
			}
			if row.Why != "" {
				p.Waits++
			}
		}
		if len(p.Rows) < bankShown {
			p.Rows = append(p.Rows, row)
		}
	}
	return s.showConsole(c, status, p)
}

func (s *Server) accountEnds(c echo.Context) (map[string]string, error) {
	accounts, err := s.negotiation.BankAccounts(c.Request().Context())
	ends := map[string]string{}
	for i := range accounts {
		ends[accounts[i].ID] = accounts[i].Ends()
	}
	return ends, err
}

func (s *Server) previewRow(c echo.Context, p *payments.Previewed, today negotiation.Day) (page.BankRow, error) {
	row := entryRow(&p.BankEntry, today)
	row.Why, row.By = p.Why, p.By
	switch {
	case p.Known:
		row.State, row.What, row.Why = "known", "", ""
	case p.CaseID != "":
		file, err := s.negotiation.Case(c.Request().Context(), who(c).Actor, p.CaseID)
		if err != nil {
			return row, err
		}
		row.Case, row.CaseURL, row.Debtor = negotiation.GroupedReference(file.Reference), "/agent/cases/"+file.ID, file.Debtor.Name
	}
	return row, nil
}

func (s *Server) bookBankFile(c echo.Context) error {
	form := typed(c, "despite")
	kept, f, err := s.bankFile(c)
	if err != nil {
		return err
	}
	if !kept.Booked() {
		f.Despite = form.Is("despite", "yes")
		_, err = s.payments.BookBankFile(c.Request().Context(), who(c).Actor, kept, f)
		if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
			r.Field = "despite"
			note(&form, s.language(c), r)
			return s.answerBankFile(c, status(r), form)
		}
		if err != nil {
			return err
		}
		s.nudge()
	}
	return c.Redirect(http.StatusSeeOther, bankFilesPath+"/"+kept.ID)
}

func (s *Server) showBankEntry(c echo.Context) error {
	return s.answerBankEntry(c, http.StatusOK, page.Form{})
}

func (s *Server) answerBankEntry(c echo.Context, status int, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	e, err := s.payments.ListedBankEntry(ctx, by, c.Param("entry"))
	if err != nil {
		return err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	at := bankPath + "/entries/" + e.ID
	p := &page.BankEntry{
		StaffBase: s.staffBase(c, "bank"), Row: bankRow(e, today), IBAN: e.PartyIBAN, Ultimate: e.UltimateName, Statement: e.StatementID, Return: e.ReturnReason, Note: e.Note,
		By: e.ByName, Form: form,
	}
	if iban, ok := banking.ParseIBAN(e.PartyIBAN); ok {
		p.IBAN = banking.Grouped(iban)
	}
	if e.DecidedAt != nil && e.ByName != "" {
		p.DecidedOn = negotiation.DayOf(*e.DecidedAt)
	}
	other, err := s.payments.OtherSide(ctx, &e.BankEntry)
	if err != nil {
		return err
	}
	if other != nil {
		row := entryRow(other, today)
		row.URL = bankPath + "/entries/" + other.ID
		p.Other = &row
	}
	switch {
	case e.State == payments.BankWaiting:
		if e.Credit && !e.Returned {
			p.MatchAction, p.DivideAction = at+"/match", at+"/division"
		}
		p.ExplainAction = at + "/explanation"
		for _, x := range payments.ExplanationsOf(&e.BankEntry) {
			p.Explanations = append(p.Explanations, string(x))
		}
		if len(p.Explanations) == 0 {
			p.ExplainAction = ""
		}
		creditors, err := s.negotiation.Creditors(ctx)
		if err != nil {
			return err
		}
		for _, creditor := range creditors {
			p.Creditors = append(p.Creditors, page.Choice{Value: creditor.ID, Label: creditor.Name})
		}
	case e.State == payments.BankMatched, e.State == payments.BankExplained && e.Explanation != payments.ExplainedReturn:
		p.ReleaseAction = at + "/release"
	}
	return s.showConsole(c, status, p)
}

// onEntry does something with an entry and shows it again, or what is wrong.
func (s *Server) onEntry(c echo.Context, form page.Form, do func(id string) error) error {
	id := c.Param("entry")
	if !form.Bad() {
		err := do(id)
		if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
			note(&form, s.language(c), r)
			return s.answerBankEntry(c, status(r), form)
		}
		if err != nil {
			return err
		}
		s.nudge()
		return c.Redirect(http.StatusSeeOther, bankPath+"/entries/"+id+"?done=saved")
	}
	return s.answerBankEntry(c, http.StatusUnprocessableEntity, form)
}

func (s *Server) matchBankEntry(c echo.Context) error {
	form := typed(c, "case")
	return s.onEntry(c, form, func(id string) error {
		_, err := s.payments.MatchBankEntry(c.Request().Context(), who(c).Actor, id, form.Values["case"])
		return err
	})
}

func (s *Server) releaseBankEntry(c echo.Context) error {
	form := typed(c, "reason")
	return s.onEntry(c, form, func(id string) error {
		return s.payments.ReleaseBankEntry(c.Request().Context(), who(c).Actor, id, form.Values["reason"])
	})
}

func (s *Server) explainBankEntry(c echo.Context) error {
	form := typed(c, "what", "creditor", "note")
	return s.onEntry(c, form, func(id string) error {
		return s.payments.ExplainBankEntry(c.Request().Context(), who(c).Actor, id, payments.Said{
			What: payments.Explanation(form.Values["what"]), CreditorID: form.Values["creditor"], Note: form.Values["note"],
		})
	})
}

func (s *Server) divideBankEntry(c echo.Context) error {
	form := typed(c, "part")
	part := readSum(&form, "part")
	return s.onEntry(c, form, func(id string) error {
		return s.payments.DivideBankEntry(c.Request().Context(), who(c).Actor, id, part)
	})
}

// bankWork is what waits on the accounts, for the day's work.
func (s *Server) bankWork(c echo.Context) ([]page.WorkRow, error) {
	list, err := s.payments.BankEntries(c.Request().Context(), who(c).Actor, payments.EntryFilter{State: payments.BankWaiting, Limit: worklistMax})
	if err != nil {
		return nil, err
	}
	var rows []page.WorkRow
	for i := range list {
		e := &list[i]
		row := page.WorkRow{URL: bankPath + "/entries/" + e.ID, Who: e.PartyName, Due: e.BookedOn, Step: "identify_money", Why: "money_unidentified", Values: []any{"sum", e.Sum()}}
		if row.Who == "" {
			row.Who = "·· " + e.AccountIBAN[max(0, len(e.AccountIBAN)-4):]
		}
		if !e.Credit {
			row.Why = "debit_unexplained"
		}
		rows = append(rows, row)
	}
	return rows, nil
}
