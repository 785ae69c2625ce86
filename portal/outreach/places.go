package outreach

import "net/url"

// places are the addresses that letters name. The paths are the portal's
// routes; a token is the only thing of a person's in any of them.
type places struct{ base string }

func (p places) link(token string) string  { return p.base + "/l/" + url.PathEscape(token) }
func (p places) notMe(token string) string { return p.link(token) + "/not-me" }
func (p places) check() string             { return p.base + "/is-it-real" }
func (p places) invitation(token string) string {
	return p.base + "/invitation/" + url.PathEscape(token)
}
func (p places) reset(token string) string  { return p.base + "/reset/" + url.PathEscape(token) }
func (p places) payments() string           { return p.base + "/creditor/payments" }
func (p places) connect() string            { return p.base + "/creditor/connect" }
func (p places) agentCase(id string) string { return p.base + "/agent/cases/" + url.PathEscape(id) }
func (p places) cases() string              { return p.base + "/creditor/cases" }
