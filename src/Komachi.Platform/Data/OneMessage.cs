using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql.EntityFrameworkCore.PostgreSQL.Update.Internal;

namespace Komachi.Platform.Data;

#pragma warning disable EF1001    // the batch of the provider says nothing of it in public

/// <summary>
/// Rows that are only added go to PostgreSQL as one message, which is a transaction by itself: all of them are stored or none.
/// EF would begin and commit one around it, and the commit is a journey more with every form that is sent. Where a row is
/// changed or deleted EF must see how many there were before anything is kept, so there it stays as it is; so it does
/// where one message is not enough.
/// </summary>
sealed class OneMessage(ModificationCommandBatchFactoryDependencies dependencies) : IModificationCommandBatchFactory
{
    const int Most = 200;

    public ModificationCommandBatch Create() => new Batch(dependencies);

    sealed class Batch(ModificationCommandBatchFactoryDependencies dependencies) : NpgsqlModificationCommandBatch(dependencies, Most)
    {
        public override bool RequiresTransaction => base.RequiresTransaction && ModificationCommands.Any(c => c.EntityState != EntityState.Added);
    }
}
