package page

import "time"

// Security is one's own account: password, authenticator, sessions. POST
// /security/password with "current", "password", "again"; POST
// /security/language with "language"; POST /security/sessions/end for all
// sessions but this one.
type Security struct {
	StaffBase
	Email        string
	Role         string
	TOTP         bool
	Required     bool
	EnrolURL     string
	RecoveryURL  string // empty: no authenticator, so no codes
	RecoveryLeft int
	Sessions     []SessionRow // this one first
	Form         Form
}

// Others says whether there are sessions besides this one.
func (p *Security) Others() bool { return len(p.Sessions) > 1 }

// SessionRow is one place where one is signed in.
type SessionRow struct {
	Where   string // may be empty
	Since   time.Time
	SeenAt  time.Time
	Current bool
	EndURL  string // POST; empty: not the reader's to end one by one
}

// Recovery makes recovery codes, and shows them once. POST /security/recovery
// with "current", the password.
type Recovery struct {
	StaffBase
	Left  int
	Codes []string // just made; never shown again
	Form  Form
}

// RecoverySignIn asks for a recovery code in place of the authenticator's. POST
// /sign-in/recovery with "code".
type RecoverySignIn struct {
	Base
	Form Form
}

// UserAccess is what an administrator sees of somebody's access. POST EndURL
// signs them out everywhere, POST ResetURL takes their authenticator away.
type UserAccess struct {
	StaffBase
	Name, Email, Role, Works string
	TOTP                     bool
	RecoveryLeft             int
	Sessions                 []SessionRow
	EndURL, ResetURL         string // empty: one's own access
}

func (*Security) template() string       { return "staff/security" }
func (*Recovery) template() string       { return "staff/recovery" }
func (*RecoverySignIn) template() string { return "staff/recovery-sign-in" }
func (*UserAccess) template() string     { return "staff/user-access" }
