package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/day"
)

// selection says on which cases a command acts.
type selection struct {
	Case           []string `placeholder:"REF" xor:"cases" required:"" help:"Reference of a case, with or without blanks; may be given several times."`
	AllOfPlacement string   `placeholder:"ID" xor:"cases" required:"" help:"Every case of a placement: its id as import prints it, or last."`
}

// each calls do for every case; one that is refused does not keep the others
// from their turn.
func (sel *selection) each(ctx context.Context, i *installation, out io.Writer, do func(c *negotiation.Case) (string, error)) error {
	cases, err := sel.cases(ctx, i)
	if err != nil {
		return err
	}
	refused := 0
	for _, c := range cases {
		done, err := do(c)
		switch {
		case negotiation.AsRefusal(err) != nil:
			refused++
			fmt.Fprintf(out, "%s  refused: %s\n", negotiation.GroupedReference(c.Reference), sentence(err))
		case err != nil:
			return fmt.Errorf("case %s: %w", c.Reference, err)
		default:
			fmt.Fprintf(out, "%s  %s\n", negotiation.GroupedReference(c.Reference), done)
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d cases were refused, see above", refused, len(cases))
	}
	return nil
}

func (sel *selection) cases(ctx context.Context, i *installation) ([]*negotiation.Case, error) {
	var cases []*negotiation.Case
	for _, reference := range sel.Case {
		c, err := i.negotiation.CaseByReference(ctx, operator, reference)
		if negotiation.AsRefusal(err) != nil {
			return nil, fmt.Errorf("no case has the reference %q", reference)
		} else if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	if sel.AllOfPlacement == "" {
		return cases, nil
	}
	ids, err := i.negotiation.CasesOfPlacement(ctx, sel.AllOfPlacement)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		c, err := i.negotiation.Case(ctx, operator, id)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// FirstLetterCmd records first letters sent by other means: `amiable
// first-letter`.
type FirstLetterCmd struct {
	Settings  `embed:""`
	selection `embed:""`
	Reference string  `default:"PL-{case}" placeholder:"TEXT" help:"Reference of the letter, which every later contact quotes; {case} stands for the case's."`
	Date      day.Day `required:"" placeholder:"YYYY-MM-DD" help:"Day on which it was sent."`
	Channel   string  `required:"" placeholder:"TEXT" help:"post, registered, email, …"`
	Proof     string  `required:"" placeholder:"TEXT" help:"Where the proof of sending is; {case} stands for the case's reference."`
}

// Run records the letters, which opens their cases. Cases that are watched, or
// opened already, are passed over where a whole placement is meant.
func (cmd *FirstLetterCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	return cmd.each(ctx, i, out, func(c *negotiation.Case) (string, error) {
		if cmd.AllOfPlacement != "" && c.State != negotiation.CasePlaced {
			return "left as it is: " + string(c.State), nil
		}
		letter := negotiation.FirstLetter{
			Reference: strings.ReplaceAll(cmd.Reference, "{case}", c.Reference), SentOn: cmd.Date, Channel: cmd.Channel,
			Proof: strings.ReplaceAll(cmd.Proof, "{case}", c.Reference),
		}
		return "open, first letter " + letter.Reference + " of " + string(letter.SentOn), i.negotiation.RecordFirstLetter(ctx, operator, c.ID, letter)
	})
}

// LinkCmd sends debtors their way in: `amiable link`.
type LinkCmd struct {
	Settings  `embed:""`
	selection `embed:""`
	Print     bool `help:"Send nothing; make a link and print it, for support on the phone. Whoever has it can try the second check."`
}

// Run writes letters due, which `amiable serve` sends, or prints a link.
func (cmd *LinkCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if cmd.Print {
		if len(cmd.Case) != 1 {
			return errors.New("--print prints the link of one case: give its reference with --case")
		}
		return cmd.print(ctx, i, out)
	}
	return cmd.each(ctx, i, out, func(c *negotiation.Case) (string, error) {
		if cmd.AllOfPlacement != "" && c.State != negotiation.CaseOpen {
			return "left as it is: " + string(c.State), nil
		}
		letter, err := i.negotiation.SendLink(ctx, operator, c.ID, c.MainParty().ID)
		if err != nil {
			return "", err
		}
		if letter.State == negotiation.LetterStopped {
			return "no letter may leave: " + letter.BlockedBy, nil
		}
		if letter.DelayedBy != "" {
			return "a letter with a link is due on " + letter.DueAt.In(negotiation.Zone).Format("2006-01-02 15:04") + ": " + string(letter.DelayedBy), nil
		}
		return "a letter with a link is due", nil
	})
}

func (cmd *LinkCmd) print(ctx context.Context, i *installation, out io.Writer) error {
	if err := i.withAccess(); err != nil {
		return err
	}
	cases, err := cmd.cases(ctx, i)
	if err != nil {
		return err
	}
	token, err := i.access.CreateLink(ctx, cases[0].ID, cases[0].MainParty().ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s/l/%s\n", i.settings.baseURL(), url.PathEscape(token))
	return err
}

// WithdrawCmd takes cases back on their creditor's word: `amiable withdraw`.
type WithdrawCmd struct {
	Settings  `embed:""`
	selection `embed:""`
	Reason    string `required:"" placeholder:"TEXT" help:"Why, as the timeline is to say."`
}

// Run withdraws, and closes the page on which the case could be paid.
func (cmd *WithdrawCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	return cmd.each(ctx, i, out, func(c *negotiation.Case) (string, error) {
		if err := i.negotiation.Withdraw(ctx, operator, c.ID, negotiation.Word{Why: cmd.Reason}); err != nil {
			return "", err
		}
		return "withdrawn", i.payments.CloseCheckout(ctx, operator, c.ID)
	})
}
