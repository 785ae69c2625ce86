package access

import (
	"context"
	"errors"

	"amiable/negotiation"
)

// Step is what a sign-in still needs once the password was right.
type Step string

const (
	StepDone  Step = "done"  // begin a session of KindStaff
	StepCode  Step = "code"  // begin one of KindSecondStep and ask for the authenticator's code
	StepEnrol Step = "enrol" // begin one of KindSecondStep and have an authenticator added
)

// SignIn judges a mail and a password from a network address. An unknown
// address, a wrong password, an invitation not accepted and a disabled user
// are one refusal, credentials, after the same work. Too many tries, from one
// address or on one account, are too_many_tries.
func (s *Service) SignIn(ctx context.Context, email, password, address string) (*User, Step, error) {
	email, ok := mailAddress(email)
	from, account, pair := limitSignInAddress.of(network(address)), limitSignInAccount.of(email), limitSignInPair.of(email+"\x00"+network(address))
	if err := s.take(ctx, from, account, pair); err != nil {
		return nil, "", err
	}
	if !ok {
		email = "" // nobody's
	}
	u, err := findUser(s.db.Read(ctx), "email = ?", email)
	if negotiation.AsRefusal(err) != nil {
		u, err = &User{}, nil
	}
	if err != nil {
		return nil, "", err
	}
	ok, err = s.matches(ctx, password, u.PasswordHash)
	if err != nil {
		return nil, "", fault(err, "sign-in of user", u.ID)
	}
	if !ok || u.DisabledAt != nil {
		return nil, "", negotiation.Refuse(negotiation.Invalid, "credentials")
	}
	if err := errors.Join(s.forget(ctx, account, pair), s.giveBack(ctx, from)); err != nil {
		return nil, "", err
	}
	switch {
	case u.Enrolled():
		return u, StepCode, nil
	case u.MustEnrol():
		return u, StepEnrol, nil
	}
	return u, StepDone, nil
}
