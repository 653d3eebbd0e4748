namespace Komachi.Platform.People;

/// <summary>What this part of the house keeps about a person, planted for the test that looks for leaks.</summary>
static class PersonCanary
{
    public static Task Plant(CanaryNest nest)
    {
        var (db, me, other, by, now) = (nest.Db, nest.PersonId, nest.NeighbourId, nest.AccountId, nest.Now);
        var today = Days.JapanTime.DayOf(now);
        nest.Is(other);    // the neighbour's own page must not lead to them, either
        db.Add(new Relation { PersonId = other, OtherId = me, Kind = RelationKind.Spouse, ById = by, RecordedAt = now });

        // The neighbour may act for them and they for the neighbour, agreed before; asked, both ways; and one that is over.
        foreach (var iAct in new[] { true, false })
        {
            var agreed = Mandate.Ask(iAct ? me : other, true, nest.Sing("宛先") + "@example.jp", MandateGround.Agreement, [], today, null, by, now);
            agreed.Agree(iAct ? other : me, now);
            db.Add(agreed);
            var open = Mandate.Ask(me, iAct, "hanako@example.jp", MandateGround.Carer, [], today, null, by, now);
            db.Add(open);
            var over = Mandate.Ask(iAct ? me : other, true, nest.Sing("宛先") + "@example.jp", MandateGround.Agreement, [], today, null, by, now);
            over.Agree(iAct ? other : me, now);
            over.End(by, nest.Sing("理由"), now);
            db.Add(over);
            foreach (var one in new[] { agreed, open, over }) nest.Is(one.Id);
        }
        db.Add(new Alert { Kind = AlertKind.ProtectedOpened, PersonId = me, AccountId = by, Reason = nest.Sing("閲覧理由"), RaisedAt = now });
        db.Audit(new Audit.AuditEntry { At = now, ActorId = by, Action = "people.protected_open", Subject = $"protected/{me}", AboutId = me, Reason = nest.Sing("監査") });
        return Task.CompletedTask;
    }
}
