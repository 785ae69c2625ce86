-- +goose Up

-- What was handed in for a case and is not here yet, in minor units: nobody is
-- reminded of money that is on its way.
ALTER TABLE cases ADD COLUMN coming INTEGER NOT NULL DEFAULT 0 CHECK (coming >= 0);

-- Of a plan whose instalments are debited from an account: the reference of the
-- SEPA mandate and the identifier of the creditor, which each notice names.
ALTER TABLE plans ADD COLUMN charged_mandate TEXT NOT NULL DEFAULT '';
ALTER TABLE plans ADD COLUMN charged_creditor TEXT NOT NULL DEFAULT '';
