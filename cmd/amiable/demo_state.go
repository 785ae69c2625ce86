package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"amiable/negotiation"
	"amiable/portal/casefile"
)

// demoState is what the demo must remember and the database must not hold:
// secrets, tokens of links, passwords. It is a file that its owner alone reads.
type demoState struct {
	path          string
	Secret        string       `json:"secret"`
	WebhookSecret string       `json:"webhook_secret"`
	SealKey       string       `json:"seal_key"`
	Debtors       []demoDebtor `json:"debtors"`
	Creditor      demoStaff    `json:"creditor"`
	Agent         demoStaff    `json:"agent"`
}

type demoDebtor struct {
	CaseID string `json:"case_id"`
	Token  string `json:"token"`
	Check  check  `json:"check"`
	About  string `json:"about"`
}

type demoStaff struct {
	Email      string `json:"email"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totp_secret"`
}

// demoReady is what demo --json prints. Others read it: its names are a promise.
type demoReady struct {
	BaseURL    string      `json:"base_url"`
	Debtor     []debtorKey `json:"debtor"`
	Creditor   staffKey    `json:"creditor"`
	Agent      staffKey    `json:"agent"`
	OutboxURL  string      `json:"outbox_url"`
	SandboxURL string      `json:"sandbox_url"`
	ClockURL   string      `json:"clock_url"`
}

type debtorKey struct {
	Case  string                `json:"case"`
	State negotiation.CaseState `json:"state"`
	Link  string                `json:"link"`
	Check check                 `json:"check"`
}

// check is what a link asks for; the value of a mailed code stands in the
// outbox once it was asked for, and is empty here.
type check struct {
	Kind  negotiation.SecondCheck `json:"kind"`
	Value string                  `json:"value"`
}

type staffKey struct {
	URL        string `json:"url"`
	Email      string `json:"email"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totp_secret"`
}

func (s demoStaff) at(baseURL string) staffKey {
	return staffKey{baseURL + "/sign-in", s.Email, s.Password, s.TOTPSecret}
}

// openDemoState reads the state of a world, or begins a new one. A world that
// was not finished is taken away and begun again; a database that is no demo's
// is left alone.
func openDemoState(folder string) (state *demoState, fresh bool, err error) {
	state = &demoState{path: filepath.Join(folder, "demo.json")}
	text, err := os.ReadFile(state.path)
	if err == nil {
		if err := json.Unmarshal(text, state); err != nil {
			return nil, false, fmt.Errorf("%s: %w", state.path, err)
		}
		if state.SealKey != "" {
			return state, false, nil
		}
		if state.SealKey, err = casefile.NewKey(); err != nil { // a world from before files were signed
			return nil, false, err
		}
		return state, false, state.save()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	unfinished := filepath.Join(folder, "demo.unfinished")
	if _, err := os.Stat(filepath.Join(folder, "amiable.db")); err == nil {
		if _, err := os.Stat(unfinished); err != nil {
			return nil, false, fmt.Errorf("%s holds a database that is no demo's: name another folder with --data", folder)
		}
		for _, part := range []string{"amiable.db", "amiable.db-wal", "amiable.db-shm", "mail", "files"} {
			if err := os.RemoveAll(filepath.Join(folder, part)); err != nil {
				return nil, false, err
			}
		}
	}
	if err := os.WriteFile(unfinished, nil, 0o600); err != nil {
		return nil, false, err
	}
	state.Secret, state.WebhookSecret = randomText(32), "whsec_"+randomText(24)
	state.SealKey, err = casefile.NewKey()
	return state, true, err
}

func randomText(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // crypto/rand never fails: it stops the process instead
	return hex.EncodeToString(random)
}

// save writes the state, whole or not at all: from then on the world stands.
func (s *demoState) save() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(s.path+".new", s.path); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(filepath.Dir(s.path), "demo.unfinished")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// debtors are the links, with how their cases stand now.
func (d *demo) debtors(ctx context.Context) ([]debtorKey, error) {
	keys := []debtorKey{}
	for _, one := range d.state.Debtors {
		c, err := d.negotiation.Case(ctx, operator, one.CaseID)
		if err != nil {
			return nil, err
		}
		keys = append(keys, debtorKey{
			Case: c.Reference, State: c.State, Link: d.baseURL + "/l/" + url.PathEscape(one.Token), Check: one.Check,
		})
	}
	return keys, nil
}
