using Komachi.Platform.Data;

namespace Komachi.Procedures;

static class CaseNews
{
    /// <summary>
    /// What happened to the case is saved with it: its moves, the applicant's mail for what they are told, and word to whoever listens. Called once, right before the save.
    /// </summary>
    public static void AddNews(this TownDb db, Case of)
    {
        var news = of.TakeNews();
        db.AddRange(news);
        foreach (var move in news)
        {
            if (move.Told && of.Email is not null && !of.Sample) db.Enqueue(new TellApplicant(of.Id, move.Number));
            switch (move.Kind)
            {
                case MoveKind.Arrived: db.Raise(new CaseArrived(of.Id, of.Number, of.Procedure, of.Stage, of.ArrivedAt)); break;
                case MoveKind.Granted or MoveKind.Refused: db.Raise(new CaseDecided(of.Id, of.Number, of.Procedure, of.Stage, of.State == CaseState.Granted, move.At)); break;
            }
            if (move.Told) db.Raise(new CaseMoved(of.Id, of.Number, of.Procedure, of.Stage, of.State, move.At));
        }
    }
}
