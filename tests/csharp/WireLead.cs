using System;
using System.Threading;

namespace Stylebridge.Tests
{
    /// <summary>Counts the lines that come from outside, so that a led game goes on while it waits.</summary>
    internal sealed class WireLead
    {
        private int _lines;
        private volatile bool _isOver;

        internal WireLead()
        {
            new Thread(Read) { IsBackground = true }.Start();
        }

        /// <summary>Waits for a line and lets the game go on meanwhile; false when no more will come.</summary>
        internal bool TryTake(Action meanwhile)
        {
            while (Volatile.Read(ref _lines) == 0)
            {
                if (_isOver && Volatile.Read(ref _lines) == 0)
                {
                    return false;
                }
                meanwhile();
                Thread.Sleep(1);
            }
            Interlocked.Decrement(ref _lines);
            return true;
        }

        private void Read()
        {
            while (Console.ReadLine() != null)
            {
                Interlocked.Increment(ref _lines);
            }
            _isOver = true;
        }
    }
}
