"""Terms section by section: what TOML says of services, rates, ceilings and shares becomes values,
or findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from grantcalc.known import Fact, Series
from grantcalc.money import Rate
from grantcalc.provenance import Authority
from grantcalc.terms.combinations import combinations
from grantcalc.terms.dimensions import Dimensions
from grantcalc.terms.values import Bound, Ceiling, Provision, RateKey, Service, ShareOfPool, Terms
from grantcalc.terms.vocabulary import (
    OPTIONAL_WORDS,
    POOLS,
    PROVISIONS,
    TIERS,
    one_of,
    rate_name,
)


class Reader(Dimensions):
    """Reads one document: its services, ceilings and shares."""

    def terms(self, doc: Mapping[str, Any], digest: str) -> Terms:
        sections = "cite phases dimensions services ceilings shares pass_through bounds"
        self.known_keys(doc, "", f"format id title status note effective published renewed_every {sections}")
        if doc.get("format") != 1 or doc.get("format") is True:
            self.add("format", "format", "the format of this file is not known", "format = 1", doc.get("format"))
        self.dates = (self.day(doc, "effective", ""), self.day(doc, "published", ""))
        self.cites = {
            key: Authority(self.text(self.table(doc.get("cite"), "cite"), key, "cite"))
            for key in self.table(doc.get("cite"), "cite")
        }
        status = self.word(doc, "status", "", ("published", "illustrative"))
        phases = {name: self.letters(name, steps) for name, steps in self.table(doc.get("phases"), "phases").items()}
        self.names(phases, "phases")
        self.phases = tuple(phases) or ("enrolled",)
        taken: set[str] = set()
        for position, (name, kinds) in enumerate(phases.items()):
            if (kinds and taken.issuperset(kinds)) or (not kinds and position < len(phases) - 1 and len(phases) > 1):
                after = name if kinds else list(phases)[position + 1]
                self.add(f"phases.{after}", "phases", "no participant can ever be in this phase", "a unique letter")
            taken |= {*kinds}
        self.read_dimensions(doc)
        services = tuple(self.service(i, t) for i, t in self.items(doc, "services"))
        ceilings = tuple(self.ceiling(i, t) for i, t in self.items(doc, "ceilings"))
        self.ceiling_ids = tuple(c.id for c in ceilings)
        shares = tuple(self.share(i, t) for i, t in self.items(doc, "shares"))
        self.opposite(shares)
        renewed = self.whole({"value": doc["renewed_every"]}, "renewed_every") if "renewed_every" in doc else None
        self.names(self.opens, "open")
        bounds = tuple(self.bound(i, t, services) for i, t in self.items(doc, "bounds"))
        return Terms(
            id=self.text(doc, "id", ""),
            title=self.text(doc, "title", ""),
            status="illustrative" if status == "illustrative" else "published",
            note=self.text(doc, "note", "", required=False),
            effective=self.dates[0],
            published=self.dates[1],
            phases=phases or {"enrolled": ()},
            services=services,
            ceilings=ceilings,
            shares=shares,
            opens=tuple(self.opens.values()),
            digest=digest,
            file=self.file,
            pass_through=self.pass_through(self.table(doc.get("pass_through"), "pass_through")),
            renewed_every=renewed,
            bounds=bounds,
            dimensions=self.dimensions,
        )

    def pass_through(self, t: Mapping[str, Any]) -> Series[Fraction]:
        """The least share of the award that is passed on to subrecipients."""
        self.known_keys(t, "pass_through", "at_least cite")
        entries = self.entries(t, "at_least", "pass_through", "share", "")
        facts = [f for e, where in entries for f in self.fact(e, where, self.fraction)]
        return self.series("share passed on", facts, "pass_through.at_least")

    def bound(self, id: str, t: Mapping[str, Any], services: tuple[Service, ...]) -> Bound:
        """The most that an agency may set as a rate."""
        path, ids = f"bounds.{id}", tuple(s.id for s in services)
        self.known_keys(t, path, "title of base at_most waived cite")
        of = t.get("of")
        named = tuple(of) if isinstance(of, list) else ()
        if not named or not {*named} <= {*ids}:
            self.add(f"{path}.of", "of", "a bound must name the services whose rates it limits", one_of(ids))
        rates: dict[str, Series[Rate]] = {}
        for key, kind in (("base", "rate"), ("at_most", "number"), ("waived", "number")):
            parse = self.rate if kind == "rate" else self.multiple
            facts = [f for e, where in self.entries(t, key, path, kind, "") for f in self.fact(e, where, parse)]
            rates[key] = self.series(f"{key} of {path}", facts, f"{path}.{key}")
        return Bound(id=id, title=self.text(t, "title", path), services=named, **rates, authority=self.cite(t, path))

    def service(self, id: str, t: Mapping[str, Any]) -> Service:
        path = f"services.{id}"
        for key, cause, problem, expected in combinations(t):
            self.add(f"{path}.{key}".rstrip("."), cause, problem, expected)
        self.names([id], path)
        own = "title pool count payee phase_of_month rate_by restored period rates months categories cite"
        self.known_keys(t, path, f"{own} {' '.join(PROVISIONS)}")
        names = ("count", "payee", "phase_of_month", "rate_by", "restored", "period")
        choices = {name: self.choice(t, name, path) for name in names}
        return Service(
            id=id,
            title=self.text(t, "title", path),
            pool="administration" if self.word(t, "pool", path, POOLS) == "administration" else "direct",
            choices=choices,
            rates=self.rates(t, path, id),
            months=self.months(t, path, id),
            categories=self.categories(t, path),
            provisions=tuple(p for kind in PROVISIONS if kind in t for p in self.provisions(t, kind, path)),
            authority=self.cite(t, path),
        )

    def categories(self, t: Mapping[str, Any], path: str) -> tuple[str, ...]:
        names = t.get("categories", [])
        if not isinstance(names, list) or not all(isinstance(c, str) for c in names):
            self.add(f"{path}.categories", "categories", "categories must be a list of words", "a list of text", names)
            return ()
        self.names(names, f"{path}.categories")
        return tuple(names)

    def ceiling(self, id: str, t: Mapping[str, Any]) -> Ceiling:
        path = f"ceilings.{id}"
        self.known_keys(t, path, "title scope window family amount_on amounts cite")
        facts: dict[str, list[Fact[int]]] = {}
        for entry, where in self.entries(t, "amounts", path, "amount", "tier"):
            tier = str(entry.get("tier", "alone"))
            if tier not in TIERS:
                self.add(f"{where}.tier", "tier", "this is not a tier of household", one_of(TIERS), tier)
            facts.setdefault(tier, []).extend(self.fact(entry, where, self.amount))
        if "alone" not in facts:
            self.add(path, "tier", "a ceiling must give the amount of a participant alone", "tier = alone")
        if (t.get("scope"), t.get("window")) == ("subaward", "enrollment_year"):
            self.add(f"{path}.window", "scope", "a subaward has no year of enrollment", "scope = participant")
        return Ceiling(
            id,
            self.text(t, "title", path),
            {name: self.choice(t, name, path) for name in ("scope", "window", "family", "amount_on")},
            {tier: self.series(f"ceiling {id}, {tier}", amounts, f"{path}.amounts") for tier, amounts in facts.items()},
            self.cite(t, path),
        )

    def share(self, id: str, t: Mapping[str, Any]) -> ShareOfPool:
        path = f"shares.{id}"
        self.known_keys(t, path, "title pool of base at_most cite")
        if t.get("of") not in self.ceiling_ids:
            self.add(
                f"{path}.of",
                "of",
                "a share must name the ceiling that it is a share of",
                one_of(self.ceiling_ids),
                t.get("of"),
            )
        facts = [
            f for e, where in self.entries(t, "at_most", path, "share", "") for f in self.fact(e, where, self.fraction)
        ]
        return ShareOfPool(
            id=id,
            title=self.text(t, "title", path),
            pool="administration" if self.word(t, "pool", path, POOLS) == "administration" else "direct",
            of=str(t.get("of")),
            choices={"base": self.choice(t, "base", path)},
            at_most=self.series(f"share {id}", facts, f"{path}.at_most"),
            authority=self.cite(t, path),
        )

    def opposite(self, shares: tuple[ShareOfPool, ...]) -> None:
        """Of what is claimed each pool's share would go by the other's: together they have no one
        answer."""
        claimed = [share for share in shares if share.choices["base"].value == "claimed"]
        for share in claimed:
            if share.pool != claimed[0].pool:
                self.add(
                    f"shares.{share.id}.base",
                    "base",
                    "only one of the two pools can have shares of what is claimed",
                    "base = authorized",
                )

    def rates(self, t: Mapping[str, Any], path: str, id: str) -> dict[RateKey, Series[Rate]]:
        """The rate table: entries with the same key are one series."""
        facts: dict[RateKey, list[Fact[Rate]]] = {}
        further = {d.id: d.words for d in self.dimensions}
        for entry, where in self.entries(t, "rates", path, "rate", f"phase unit class size {' '.join(further)}"):
            self.phase(entry, where)
            for name, listed in further.items():
                if name in entry and entry[name] not in listed:
                    problem = "this is not a word of the dimension"
                    self.add(f"{where}.{name}", "word", problem, one_of(listed), entry[name])
            named = {name: str(entry.get(name, "")) for name in ("phase", "unit", "class", "size", *further)}
            words = tuple(named[name] for name in further)
            key = RateKey(named["phase"], named["unit"], named["class"], named["size"], words)
            self.names((entry.get("unit"), entry.get("class")), where)
            facts.setdefault(key, []).extend(self.fact(entry, where, self.rate))
        return {k: self.series(rate_name(id, str(k)), f, f"{path}.rates") for k, f in facts.items() if f}

    def months(self, t: Mapping[str, Any], path: str, id: str) -> dict[str, Series[int]]:
        """At most N paid months of a phase."""
        facts: dict[str, list[Fact[int]]] = {}
        for entry, where in self.entries(t, "months", path, "months", "phase"):
            phase = self.phase(entry, where) or (self.phases[0] if len(self.phases) == 1 else "")
            if not phase:
                self.add(where, "months_of", "a limit of months must say of which phase", one_of(self.phases))
            facts.setdefault(phase, []).extend(self.fact(entry, where, self.whole))
        return {p: self.series(f"paid months of {id} in phase {p}", f, f"{path}.months") for p, f in facts.items() if f}

    def phase(self, entry: Mapping[str, Any], where: str) -> str:
        phase = str(entry.get("phase", ""))
        if phase and phase not in self.phases:
            self.add(f"{where}.phase", "phase", "no participant can be in this phase", one_of(self.phases), phase)
        return phase

    def provisions(self, t: Mapping[str, Any], kind: str, path: str) -> Iterator[Provision]:
        """The entries of one kind: those with the same words are one series."""
        value_kind, words = PROVISIONS[kind]
        parsers = {"money": self.rate, "share": self.share_rate, "number": self.number_rate, "multiple": self.multiple}
        parse = self.step if kind == "rounding" else parsers[value_kind]
        facts: dict[tuple[tuple[str, str | tuple[str, ...]], ...], list[Fact[Rate]]] = {}
        for entry, where in self.entries(
            t, kind, path, "rate" if value_kind == "money" else value_kind, " ".join(words)
        ):
            said: list[tuple[str, str | tuple[str, ...]]] = []
            for name, allowed in words.items():
                word = entry.get(name)
                if word is None and name not in OPTIONAL_WORDS.get(kind, ()):
                    self.add(where, "word", f"{kind} needs the word {name}", f"{name} = {one_of(allowed or ('…',))}")
                elif word is not None and allowed is not None and word not in allowed:
                    self.add(f"{where}.{name}", "word", f"this is not a known word for {name}", one_of(allowed), word)
                elif word is not None:
                    self.names(word if isinstance(word, list) else [word], f"{where}.{name}")
                    said.append((name, tuple(str(w) for w in word) if isinstance(word, list) else str(word)))
            if kind == "multiplier" or (kind == "slope" and not {"of", "is"}.isdisjoint(entry)):
                self.of_a_word(entry, where)
            if kind == "slope" and ("of" in entry) != ("is" in entry):
                self.add(where, "word", "a slope names a key and its word, or neither", "of and is")
            facts.setdefault(tuple(said), []).extend(self.fact(entry, where, parse))
        for key, steps in facts.items():
            yield Provision(kind, dict(key), self.series(f"{kind} of {path}", steps, f"{path}.{kind}"))
