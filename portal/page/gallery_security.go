package page

import (
	"time"
)

// security is everything about somebody's access, and the background work.
func (w world) security() []Specimen {
	sessions := func(own bool) []SessionRow {
		rows := []SessionRow{
			{Where: "Firefox, Mac", Since: noon, SeenAt: noon, Current: own},
			{Where: "Chrome, Android", Since: noon.AddDate(0, 0, -3), SeenAt: noon.Add(-20 * time.Hour)},
			{Since: noon.AddDate(0, 0, -6), SeenAt: noon.AddDate(0, 0, -5)},
		}
		for i := range rows {
			if own && !rows[i].Current {
				rows[i].EndURL = "/security/sessions/1/end"
			}
		}
		return rows
	}
	secure := func(totp bool, left, open int) *Security {
		p := &Security{StaffBase: w.creditorBase("", "/security"), Email: "camille@boreal.example", Role: "creditor", TOTP: totp, RecoveryLeft: left, Form: typed("language", "fr"), Sessions: sessions(true)[:open]}
		if totp {
			p.RecoveryURL = "/security/recovery"
		} else {
			p.EnrolURL = "/security/totp"
		}
		return p
	}
	wrong := secure(true, 1, 2)
	wrong.Form.Add("current", "credentials")
	recovery := func(left int) *Recovery {
		return &Recovery{StaffBase: w.staffBase("agent", "", "/security/recovery"), Left: left}
	}
	made, refused := recovery(10), recovery(3)
	made.Codes = []string{"7K4P 9XWD 3MAN", "77VE DQ4H 2RTC", "W9MX K3F7 PHDA", "4TCE 9NQV 7XKR", "H2PD M4W9 AFT3", "K7RV 3CXE 9QNH", "D4MA W7PT 2KFX", "9EHQ 3VRC N4DK", "T7XW A2MP 9HFE", "3QKN C9VD R7WT"}
	refused.Form.Add("current", "credentials")
	open := w.base("/sign-in/recovery")
	open.FirstLetter = nil
	used := &RecoverySignIn{Base: open, Form: typed("code", "")}
	used.Form.Errors = []FieldError{{Field: "code", Text: w.lang.T("refusal.recovery_wrong")}}
	access := func(totp bool, open int) *UserAccess {
		return &UserAccess{
			StaffBase: w.agentBase("users", "/agent/users/2/access"), Name: "Camille Roussel", Email: "camille@boreal.example", Role: "creditor", Works: atelier,
			TOTP: totp, RecoveryLeft: 9, Sessions: sessions(false)[:open], EndURL: "/agent/users/2/sessions/end", ResetURL: "/agent/users/2/authenticator/end",
		}
	}
	own := access(true, 1)
	own.EndURL, own.ResetURL, own.RecoveryLeft = "", "", 0
	return append([]Specimen{
		{In: "no code", Page: secure(false, 0, 1)}, {In: "wrong password", Page: wrong}, {In: "three sessions, no recovery codes", Page: secure(true, 0, 3)}, {In: "ten recovery codes", Page: secure(true, 10, 1)},
		{In: "none yet", Page: recovery(0)}, {In: "three left", Page: recovery(3)}, {In: "wrong password", Page: refused}, {In: "made", Page: made},
		{In: "empty", Page: &RecoverySignIn{Base: open}}, {In: "wrong", Page: used},
		{In: "three sessions", Page: access(true, 3)}, {In: "nowhere, no phone", Page: access(false, 0)}, {In: "one's own", Page: own},
	}, w.background()...)
}

func (w world) background() []Specimen {
	page := func() *Work { return &Work{StaffBase: w.agentBase("background", "/agent/work")} }
	jobs := func(failing bool) []JobRow {
		rows := []JobRow{
			{Name: "retry_notifications", Every: time.Minute, RanAt: noon, RunURL: "/agent/work/jobs/retry_notifications"},
			{Name: "watch_offers", Every: 10 * time.Minute, RanAt: noon.Add(-7 * time.Minute), RunURL: "/agent/work/jobs/watch_offers"},
			{Name: "answer_requests", Every: 5 * time.Second, RanAt: noon, RunURL: "/agent/work/jobs/answer_requests"},
			{Name: "realign", Every: 6 * time.Hour, RunURL: "/agent/work/jobs/realign"},
			{Name: "a_job_without_a_phrase", Every: time.Hour, RanAt: noon, RunURL: "/agent/work/jobs/x"},
		}
		if failing {
			rows[1].Failing, rows[1].Failed, rows[1].BadAt, rows[1].Problem = true, 3, noon, "job watch_offers: offer 0192f3b2-0000-7000-8000-000000000001: the database is busy: try again"
		}
		return rows
	}
	well, bad, agent, none := page(), page(), page(), page()
	well.Jobs, well.MayRun = jobs(false), true
	bad.Jobs, bad.MayRun = jobs(true), true
	for i, why := range []string{"unknown_payment", "unknown_account", "other_mode", "unreadable", "busy", "gateway", "a_reason_without_a_phrase"} {
		bad.Notifications = append(bad.Notifications, WaitingRow{
			ID: "evt_1SbW2kLkdIwHu7ixXyZ0aBcD", Kind: "payment_intent.succeeded", Why: why, Problem: `no payment of ours: payment "", session "cs_test_a1B2c3D4e5F6g7H8i9J0", intent "pi_3SbW2kLkdIwHu7ix1AbCdEfG"`, At: noon.AddDate(0, 0, -i),
			Tries: 1 + 3*i, GivenUp: i > 2, RetryURL: "/agent/work/notifications/evt_1",
		})
	}
	agent.Notifications, agent.Jobs = bad.Notifications[:1], jobs(true)
	return []Specimen{{In: "all well", Page: well}, {In: "failing", Page: bad}, {In: "an agent", Page: agent}, {In: "no jobs known", Page: none}}
}
