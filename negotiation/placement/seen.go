package placement

import (
	"hash/maphash"
	"strings"
)

// seen remembers the claims taken over from a file, sixteen bytes each, so that a
// million of them need some twenty megabytes. Nothing of their text is kept: an
// invoice number is known by 60 bits of a hash whose seed is drawn for each file,
// which in a file of a million lines mistakes a line for another once in two
// million files; such a line is refused and comes back with its reason.
type seen struct {
	seed      maphash.Seed
	creditors map[string]uint16
	shards    [1 << shardBits][]entry
	used      [1 << shardBits]uint32
}

const (
	shardBits  = 12
	noCreditor = 0xffff // more than 65,535 creditors: told apart by the hash alone
)

// entry is one claim. The number is never zero in a slot that is taken.
type entry struct {
	number  uint64 // 48 bits of the hash of the invoice number, then 16 of the creditor
	line    uint32
	details uint32 // 16 bits of the amounts, 16 of the rest
}

// verdict is what seen says about a claim.
type verdict struct {
	line          int  // of the earlier claim of the same creditor and number; 0 for none
	sameAmount    bool // it asks for the same amount
	sameDetails   bool // and has the same debtor and dates
	otherCreditor bool // the number occurs, but with other creditors
	shard, slot   int  // where to put it
	number        uint64
	details       uint32
}

func newSeen() *seen {
	return &seen{seed: maphash.MakeSeed(), creditors: map[string]uint16{}}
}

// look finds a claim by the keys of its creditor and invoice number.
func (s *seen) look(creditorKey, invoiceKey string, amounts, rest uint64) verdict {
	creditor, known := s.creditors[creditorKey]
	if !known {
		if len(s.creditors) < noCreditor {
			creditor = uint16(len(s.creditors))
			s.creditors[strings.Clone(creditorKey)] = creditor // not the record it is cut from
		} else {
			creditor = noCreditor
		}
	}
	hash := maphash.String(s.seed, invoiceKey)
	if creditor == noCreditor {
		hash ^= mix(maphash.String(s.seed, creditorKey))
	}
	const low48 = 1<<48 - 1
	number := hash & low48
	if number == 0 {
		number = 1
	}
	v := verdict{
		shard: int(hash >> (64 - shardBits)), slot: -1,
		number: number<<16 | uint64(creditor), details: uint32(mix(amounts)>>48)<<16 | uint32(mix(rest)>>48),
	}
	shard := s.shards[v.shard]
	if len(shard) == 0 {
		return v
	}
	for i := int(number % uint64(len(shard))); ; i++ {
		if i == len(shard) {
			i = 0
		}
		e := &shard[i]
		if e.number == 0 {
			v.slot = i
			return v
		}
		if e.number>>16 != number {
			continue
		}
		if e.number == v.number {
			v.line = int(e.line)
			v.sameAmount = e.details>>16 == v.details>>16
			v.sameDetails = e.details == v.details
			return v
		}
		v.otherCreditor = true
	}
}

// add remembers the claim that look did not find.
func (s *seen) add(v verdict, line int) {
	shard := s.shards[v.shard]
	if int(s.used[v.shard]+1)*8 > len(shard)*7 || v.slot < 0 {
		grown := make([]entry, len(shard)+len(shard)/4+8)
		for _, e := range shard {
			if e.number != 0 {
				put(grown, e)
			}
		}
		s.shards[v.shard], shard = grown, grown
	}
	put(shard, entry{number: v.number, line: uint32(line), details: v.details})
	s.used[v.shard]++
}

func put(shard []entry, e entry) {
	i := int((e.number >> 16) % uint64(len(shard)))
	for shard[i].number != 0 {
		if i++; i == len(shard) {
			i = 0
		}
	}
	shard[i] = e
}

// mix spreads the bits of a number (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// digest is FNV-1a over a text, for telling details apart.
func digest(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return (h ^ 0xff) * 0x100000001b3
}
