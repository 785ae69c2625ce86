package outreach

import "testing"

func TestOnlyAnAddressThatIsRefusedIsGivenUp(t *testing.T) {
	for _, row := range []struct {
		refused RefusedError
		address bool
	}{
		{RefusedError{Code: 550, Enhanced: "5.1.1"}, true}, {RefusedError{Code: 550, Enhanced: "5.1.10"}, true}, {RefusedError{Code: 550, Enhanced: "5.2.1"}, true},
		{RefusedError{Code: 550}, true}, {RefusedError{Code: 553}, true},
		{RefusedError{Code: 550, Enhanced: "5.7.1"}, false}, {RefusedError{Code: 554}, false}, {RefusedError{Code: 552, Enhanced: "5.2.2"}, false},
		{RefusedError{Code: 553, Enhanced: "5.1.8"}, false}, {RefusedError{Code: 450, Enhanced: "4.1.1", Temporary: true}, false},
	} {
		if got := row.refused.AboutAddress(); got != row.address {
			t.Errorf("%v is about the address: %t", &row.refused, got)
		}
	}
}
