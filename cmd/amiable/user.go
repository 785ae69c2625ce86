package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/portal/access"
)

// UserCmd invites and governs those who sign in.
type UserCmd struct {
	Invite  UserInviteCmd  `cmd:"" help:"Invite somebody; they choose their password themselves."`
	List    UserListCmd    `cmd:"" help:"List the users."`
	Disable UserDisableCmd `cmd:"" help:"End a user's access at once."`
	Enable  UserEnableCmd  `cmd:"" help:"Give a disabled user their access back."`
	Unenrol UserUnenrolCmd `cmd:"" help:"Take a lost authenticator away."`
	Code    UserCodeCmd    `cmd:"" help:"Print what an authenticator with a key shows now, to sign in to the demo without one."`
}

// UserInviteCmd is `amiable user invite`.
type UserInviteCmd struct {
	Settings  `embed:""`
	Email     string `required:"" placeholder:"ADDRESS" help:"Their mail address, by which they sign in."`
	Role      string `required:"" enum:"creditor,agent,administrator" placeholder:"ROLE" help:"creditor, agent or administrator."`
	Creditor  string `placeholder:"REF" help:"Reference of the creditor, for the role creditor."`
	Name      string `placeholder:"NAME" help:"Their name; they can change it."`
	Language  string `default:"fr" enum:"fr,en" placeholder:"LANG" help:"fr or en."`
	PrintLink bool   `help:"Print the invitation's link as well, for an installation that sends no mail yet. Whoever has it can accept."`
}

// Run invites.
func (cmd *UserInviteCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := openDoor(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	invitation := access.Invitation{Email: cmd.Email, Name: cmd.Name, Language: cmd.Language, Role: negotiation.Role(cmd.Role)}
	if cmd.Creditor != "" {
		c, err := i.negotiation.CreditorByReference(ctx, cmd.Creditor)
		if err != nil {
			return err
		}
		invitation.CreditorID = c.ID
	}
	u, err := i.access.Invite(ctx, operator, invitation)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is invited as %s; the mail leaves when `amiable serve` runs\n", u.Email, u.Role)
	if !cmd.PrintLink {
		return nil
	}
	token, err := i.access.NewInvitation(ctx, operator, u.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s/invitation/%s\n", i.settings.baseURL(), url.PathEscape(token))
	return err
}

// openDoor opens what users and links need.
func openDoor(ctx context.Context, s Settings) (*installation, error) {
	i, err := open(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := i.withAccess(); err != nil {
		_ = i.Close()
		return nil, err
	}
	return i, nil
}

// UserListCmd is `amiable user list`.
type UserListCmd struct {
	Settings `embed:""`
}

// Run lists the users.
func (cmd *UserListCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := openDoor(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	users, err := i.access.Users(ctx, operator, "")
	if err != nil {
		return err
	}
	for _, u := range users {
		state := "active"
		switch {
		case u.DisabledAt != nil:
			state = "disabled"
		case u.AcceptedAt == nil:
			state = "invited"
		case u.MustEnrol():
			state = "active, without authenticator"
		}
		fmt.Fprintf(out, "%-14s %-40s %s\n", u.Role, u.Email, state)
	}
	return nil
}

// userAct is what the commands on one user share.
type userAct struct {
	Settings `embed:""`
	Email    string `arg:"" placeholder:"ADDRESS" help:"Mail address of the user."`
}

func (cmd *userAct) on(ctx context.Context, do func(i *installation, u *access.User) error) error {
	i, err := openDoor(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	users, err := i.access.Users(ctx, operator, "")
	if err != nil {
		return err
	}
	for n := range users {
		if users[n].Email == cmd.Email {
			return do(i, &users[n])
		}
	}
	return fmt.Errorf("no user has the address %s", cmd.Email)
}

// UserDisableCmd is `amiable user disable`.
type UserDisableCmd struct {
	userAct `embed:""`
}

// Run ends a user's access.
func (cmd *UserDisableCmd) Run(ctx context.Context) error {
	return cmd.on(ctx, func(i *installation, u *access.User) error { return i.access.Disable(ctx, operator, u.ID) })
}

// UserEnableCmd is `amiable user enable`.
type UserEnableCmd struct {
	userAct `embed:""`
}

// Run gives a user's access back.
func (cmd *UserEnableCmd) Run(ctx context.Context) error {
	return cmd.on(ctx, func(i *installation, u *access.User) error { return i.access.Enable(ctx, operator, u.ID) })
}

// UserUnenrolCmd is `amiable user unenrol`.
type UserUnenrolCmd struct {
	userAct `embed:""`
}

// Run takes a lost authenticator away.
func (cmd *UserUnenrolCmd) Run(ctx context.Context) error {
	return cmd.on(ctx, func(i *installation, u *access.User) error { return i.access.RemoveAuthenticator(ctx, operator, u.ID) })
}

// UserCodeCmd is `amiable user code`.
type UserCodeCmd struct {
	Key string `arg:"" placeholder:"KEY" help:"The authenticator's key, in base 32, as the demo prints it."`
}

// Run prints the six digits of the present half minute.
func (cmd *UserCodeCmd) Run(out io.Writer) error {
	code, err := totp.GenerateCode(cmd.Key, time.Now())
	if err != nil {
		return fmt.Errorf("%q is no key of an authenticator: it is written in A–Z and 2–7", cmd.Key)
	}
	_, err = fmt.Fprintln(out, code)
	return err
}
